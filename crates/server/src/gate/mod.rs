//! The gate: the checks before production, one file each.
//!
//! Owns: which checks there are, their order, and that a check which errs, panics or takes too long counts as
//! unknown, which blocks. Refuses to know: what happens when the gate opens.
//!
//! A new check is a file here and a line in [`checks`].

mod answer;
mod baseline;
mod downstream;
mod last_good;
mod lint;
mod offline_file;
mod on_call;
mod one_release;
#[cfg(test)]
mod outside_tests;
mod probes;
mod requirements;
mod signals;
#[cfg(test)]
mod tests;
mod thaw;
mod way_back;

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use ripcord_engine::CheckResult;
use ripcord_model::{ReleaseName, blueprint::Blueprint};

pub(crate) use answer::{Answer, Check, Inquiry, Reason};

use crate::{clock::Clock, executor::trouble::Trouble, plans::Plans, systems::Connections};

/// What the gate is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// May this go to production?
    pub(crate) blueprint: Arc<Blueprint>,
    /// Other releases of the service that are not over.
    pub(crate) others: Vec<ReleaseName>,
    /// Whether the release is part of the record already.
    pub(crate) recorded: bool,
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
}

/// Every check, in the order in which people read the answers.
fn checks() -> Vec<Arc<dyn Check>> {
    vec![
        Arc::new(lint::Lint),
        Arc::new(one_release::OneRelease),
        Arc::new(thaw::NoFreeze),
        Arc::new(on_call::OnCall),
        Arc::new(last_good::LastGood),
        Arc::new(probes::Probes),
        Arc::new(signals::Signals),
        Arc::new(way_back::WayBackExecutable),
        Arc::new(offline_file::OfflineFile),
        Arc::new(downstream::DownstreamAnswers),
        Arc::new(requirements::Requirements),
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
        let asked = checks().into_iter().filter(|check| check.applies(&inquiry.question.blueprint));
        ask_all(asked.collect(), &inquiry).await
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
