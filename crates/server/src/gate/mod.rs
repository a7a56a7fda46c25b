//! The gate: the checks before production, one file each.
//!
//! Owns: which checks there are, their order, and that a check which errs, panics or takes too long counts as
//! unknown, which blocks. Refuses to know: what happens when the gate opens.
//!
//! A new check is a file here and a line in [`checks`].

mod answer;
mod approvals;
mod baseline;
mod capacity;
mod ci;
mod config_diff;
mod critical_path_flag;
mod digests;
mod downstream;
mod exception;
mod flags_off;
mod last_good;
mod lint;
mod messages;
mod offline_file;
mod on_call;
mod one_release;
mod one_way;
#[cfg(test)]
mod outside_tests;
mod overridden;
mod owner_is_not_approver;
#[cfg(test)]
mod page_tests;
mod probes;
mod recorded;
mod rehearsal;
mod requirements;
mod runbook;
mod signals;
mod signature;
#[cfg(test)]
mod tests;
mod thaw;
mod thresholds;
mod ticket;
mod way_back;
mod window;

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use ripcord_engine::CheckResult;
use ripcord_model::{
    ReleaseName, Timestamp,
    blueprint::{Blueprint, RecordKind},
    paper::Noted,
};

pub(crate) use answer::{Answer, Check, Inquiry, Reason};
pub(crate) use overridden::never_overridden;

use crate::{
    clock::Clock, executor::trouble::Trouble, plans::Plans, rehearsal::RehearsalBook, systems::Connections,
};

/// What the gate is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// May this go to production?
    pub(crate) blueprint: Arc<Blueprint>,
    /// Other releases of the service that are not over.
    pub(crate) others: Vec<ReleaseName>,
    /// Whether the release is part of the record already.
    pub(crate) recorded: bool,
    /// What people have put on record about it.
    pub(crate) on_record: OnRecord,
}

/// What people have put on record about a release.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnRecord {
    /// Approvals, results, messages and reviews, oldest first.
    pub(crate) papers: Vec<Noted>,
    /// When the on-call person last said that they are there.
    pub(crate) on_call_there: Option<Timestamp>,
}

/// Answers the checks of a release.
#[async_trait]
pub(crate) trait AskGate: Send + Sync {
    /// Every check, in a fixed order.
    async fn ask(&self, question: Question) -> Vec<CheckResult>;
}

/// The gate in front of production.
pub(crate) struct Gate {
    pub(crate) connections: Arc<Connections>,
    pub(crate) plans: Arc<dyn Plans>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) state: PathBuf,
    pub(crate) rehearsals: RehearsalBook,
}

/// Every check, in the order in which people read the answers.
fn checks() -> Vec<Arc<dyn Check>> {
    vec![
        Arc::new(lint::Lint),
        Arc::new(ticket::Ticket),
        Arc::new(thresholds::Thresholds),
        Arc::new(critical_path_flag::CriticalPathFlag),
        Arc::new(one_way::OneWay),
        Arc::new(runbook::HasRunbook),
        Arc::new(one_release::OneRelease),
        Arc::new(thaw::NoFreeze),
        Arc::new(window::ReleaseWindow),
        Arc::new(on_call::OnCall),
        Arc::new(owner_is_not_approver::OwnerIsNotApprover),
        Arc::new(approvals::Approvals),
        Arc::new(messages::Messages),
        Arc::new(recorded::Recorded(RecordKind::Test)),
        Arc::new(recorded::Recorded(RecordKind::Qa)),
        Arc::new(recorded::Recorded(RecordKind::Load)),
        Arc::new(config_diff::ConfigDiff),
        Arc::new(last_good::LastGood),
        Arc::new(probes::Probes),
        Arc::new(signals::Signals),
        Arc::new(way_back::WayBackExecutable),
        Arc::new(offline_file::OfflineFile),
        Arc::new(downstream::DownstreamAnswers),
        Arc::new(requirements::Requirements),
        Arc::new(ci::Build),
        Arc::new(signature::Signed),
        Arc::new(digests::Digests),
        Arc::new(capacity::Headroom),
        Arc::new(flags_off::FlagsOff),
        Arc::new(flags_off::keys::FlagKeys),
    ]
}

#[async_trait]
impl AskGate for Gate {
    async fn ask(&self, question: Question) -> Vec<CheckResult> {
        let inquiry = Arc::new(Inquiry {
            question,
            now: self.clock.now(),
            connections: Arc::clone(&self.connections),
            plans: Arc::clone(&self.plans),
            state: self.state.clone(),
        });
        let mut checks = checks();
        checks.push(Arc::new(rehearsal::Rehearsed(self.rehearsals.clone())));
        let asked = checks.into_iter().filter(|check| check.applies(&inquiry.question.blueprint));
        let answers = ask_all(asked.collect(), &inquiry).await;
        overridden::apply(answers, &inquiry.question, inquiry.now)
    }
}

/// Asks all at once and answers in the order of `checks`.
async fn ask_all(checks: Vec<Arc<dyn Check>>, inquiry: &Arc<Inquiry>) -> Vec<CheckResult> {
    let asked: Vec<_> = checks
        .into_iter()
        .map(|check| {
            let inquiry = Arc::clone(inquiry);
            tokio::spawn(ask_one(check, inquiry))
        })
        .collect();
    let mut answers = Vec::with_capacity(asked.len());
    for answer in asked {
        answers.push(answer.await.expect("a check is guarded and its own task never panics"));
    }
    answers
}

async fn ask_one(check: Arc<dyn Check>, inquiry: Arc<Inquiry>) -> CheckResult {
    let limit = check.limit(&inquiry.question.blueprint);
    let (asked, about) = (Arc::clone(&check), Arc::clone(&inquiry));
    let guarded = crate::executor::guarded(limit, async move { Ok(asked.ask(&about).await) }).await;
    let answer =
        guarded.unwrap_or_else(|trouble: Trouble| Answer::unknown(answer::NoAnswer(trouble.reason())));
    answer.result(check.name(), &inquiry.question.blueprint)
}
