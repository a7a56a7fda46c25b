//! The handle: everything that can be asked of a running control plane, from any task.
//!
//! Owns: the questions and the shape of the answers. Refuses to know: HTTP, terminals, SQLite. A handle is cheap to
//! clone; when the loop has ended every question fails with [`Failure::gone`].

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use ripcord_engine::{Block, CheckResult, Command, RehearsalResult, Status};
use ripcord_ledger::Entry;
use ripcord_model::{
    Actor, ReleaseName, ServiceName, Timestamp,
    blueprint::{AlertRules, Artifact, Blueprint},
    paper::{self, Expiry, NewFreezeException, NewPaper, Noted},
    source::SourceFile,
};
use ripcord_people::{Directory, Identity, Wish};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::{
    alerts::{Alerts, Taken},
    failure::{Failure, FailureKind},
    fixed,
    flags::FlagService,
    gate::{AskGate, Question},
    loop_::{Message, Reply, Request},
    people::{People, PolicyStanding},
    plans::{Plans, RunbookNow},
    rehearsal::{self, RehearsalRequest, Rehearsals, Standing},
};

/// Asks the loop; clone it freely.
#[derive(Clone)]
pub struct Handle {
    pub(crate) sender: mpsc::Sender<Message>,
    pub(crate) changed: broadcast::Sender<ReleaseName>,
    pub(crate) plans: Arc<dyn Plans>,
    pub(crate) gate: Arc<dyn AskGate>,
    pub(crate) state: Arc<Path>,
    pub(crate) flags: FlagService,
    pub(crate) people: Arc<People>,
}

/// Which entries of the ledger are asked for. Absent fields do not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// First position looked at.
    pub from: u64,
    /// How many entries at most, 1 to 1,000; 100 when absent.
    pub limit: Option<usize>,
    /// About this release.
    pub release: Option<ReleaseName>,
    /// Of this kind, as in the fact's `kind`.
    pub kind: Option<String>,
    /// Caused by this actor.
    pub by: Option<String>,
    /// Not before this instant.
    pub since: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// Entries of the ledger, in order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page {
    /// What was found.
    pub entries: Vec<Entry>,
    /// Where to go on; `None` when the end was reached.
    pub next: Option<u64>,
    /// How many entries the ledger has.
    pub len: u64,
}

/// What the verifier says about the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// Whether nothing was changed, left out or put in.
    pub verified: bool,
    /// How many entries were looked at.
    pub entries: u64,
    /// The Merkle tree hash over them, lower-case hex; empty when it could not be computed.
    pub root: String,
    /// What is wrong, naming the entry.
    pub trouble: Option<String>,
    /// The position of the first entry that is wrong, when one can be named.
    pub position: Option<u64>,
}

/// The answers of the gate, asked without recording anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateAnswer {
    /// For which release.
    pub release: ReleaseName,
    /// Whether it would open.
    pub open: bool,
    /// One answer per check, in a fixed order.
    pub checks: Vec<CheckResult>,
}

/// About the control plane itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Info {
    /// The version of Ripcord.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// The service, when its `ripcord.yaml` can be read.
    pub service: Option<ServiceName>,
    /// Where `ripcord.yaml` lives.
    pub root: PathBuf,
    /// Where the state lives.
    pub state: PathBuf,
    /// The TCP address, when it listens on one.
    pub listen: Option<SocketAddr>,
    /// When it started.
    pub started_at: Timestamp,
    /// The instant of this answer.
    pub now: Timestamp,
    /// How many releases it knows.
    pub releases: usize,
    /// How many entries the ledger has.
    pub entries: u64,
    /// Why facts cannot be recorded at the moment; nothing moves forward until this is gone.
    pub trouble: Option<String>,
    /// Who may do what, and who is set up.
    pub people: PeopleNow,
    /// What to mind: confirmed times that will not count, each as one sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Who may do what, and who is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleNow {
    /// How many people and agents are set up; none where whoever runs the server is alone.
    pub set_up: usize,
    /// Whether names and roles can be tried by anybody who may come in: for demonstrations only.
    pub demo: bool,
    /// The rules in force, and what is wrong with those that are not.
    pub policy: PolicyStanding,
    /// As whom the question was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub you: Option<Identity>,
}

impl Handle {
    /// Compiles `releases/NAME.yaml`, records it as a release and, when `start` is set, asks for it to be shipped.
    /// Asking again for an unchanged plan is harmless.
    pub async fn ship(&self, release: ReleaseName, by: Actor, start: bool) -> Result<Status, Failure> {
        let blueprint = self.compile(&release).await?;
        self.ask(|reply| Request::Create { blueprint: Box::new(blueprint), by: by.clone(), reply }).await?;
        if start { self.command(release, Command::Ship, by).await } else { self.status(release).await }
    }

    /// A command of a person or an agent.
    pub async fn command(
        &self,
        release: ReleaseName,
        command: Command,
        by: Actor,
    ) -> Result<Status, Failure> {
        if let Command::DespiteFreeze { why, until } = command {
            // It is a paper as well, so it goes the way of papers.
            let new = NewFreezeException { reason: why, expires: Expiry::At(until) };
            self.except_freeze(release.clone(), new, by).await?;
            return self.status(release).await;
        }
        self.ask(|reply| Request::Command { release, command, by, reply }).await
    }

    /// Begins a rehearsal of a release's way back in staging. A release that does not exist yet is compiled from its
    /// plan. Answers with the status of the rehearsal, which is a release of its own.
    pub async fn rehearse(
        &self,
        release: ReleaseName,
        fault: Option<String>,
        by: Actor,
    ) -> Result<Status, Failure> {
        let blueprint = self.known_or_compiled(&release).await?;
        let runbook = self.runbook(&blueprint).await?;
        let request = RehearsalRequest { blueprint, runbook, fault, by };
        self.ask(|reply| Request::Rehearse { request: Box::new(request), reply }).await
    }

    /// What there is to say about the rehearsals of a release.
    pub async fn rehearsals(&self, release: ReleaseName) -> Result<Rehearsals, Failure> {
        let blueprint = self.known_or_compiled(&release).await?;
        let (of, service) = (release.clone(), blueprint.service.clone());
        let (rehearsals, running, now) = self.ask(|reply| Request::Rehearsals { of, service, reply }).await?;
        let newest = rehearsals.last().map(|record| &record.result);
        let standing = match self.runbook(&blueprint).await {
            Ok(runbook) => rehearsal::stands(&blueprint, newest, runbook.as_ref(), now),
            Err(failure) => Standing::NoRunbook { why: failure.message },
        };
        let about = rehearsal::about(&blueprint, newest.and_then(RehearsalResult::confirmed));
        let says = format!("{standing}{}", standing.expires_soon(now));
        Ok(Rehearsals { release, standing, says, running, about, rehearsals })
    }

    /// The recorded blueprint of a release, or its plan compiled as it stands now.
    pub(crate) async fn known_or_compiled(&self, release: &ReleaseName) -> Result<Blueprint, Failure> {
        match self.ask(|reply| Request::Known { release: release.clone(), reply }).await? {
            Some(blueprint) => Ok(blueprint),
            None => self.compile(release).await,
        }
    }

    /// The runbook that a blueprint names, as it stands now.
    pub(crate) async fn runbook(&self, blueprint: &Blueprint) -> Result<Option<RunbookNow>, Failure> {
        match blueprint.runbook.clone() {
            None => Ok(None),
            Some(path) => self.in_files(move |plans| plans.runbook(&path)).await.map(Some),
        }
    }

    /// Where a release is.
    pub async fn status(&self, release: ReleaseName) -> Result<Status, Failure> {
        self.ask(|reply| Request::Status { release, reply }).await
    }

    /// Where all releases are, oldest first.
    pub async fn statuses(&self) -> Result<Vec<Status>, Failure> {
        self.ask(|reply| Request::Statuses { reply }).await
    }

    /// The blueprint of a release.
    pub async fn blueprint(&self, release: ReleaseName) -> Result<Blueprint, Failure> {
        self.ask(|reply| Request::Blueprint { release, reply }).await
    }

    /// Asks every check of the gate now and records nothing. A release that does not exist yet is compiled from
    /// its plan.
    pub async fn gate(&self, release: ReleaseName) -> Result<GateAnswer, Failure> {
        let known = self.ask(|reply| Request::Known { release: release.clone(), reply }).await?;
        let recorded = known.is_some();
        let blueprint = match known {
            Some(blueprint) => blueprint,
            None => self.compile(&release).await?,
        };
        let service = blueprint.service.clone();
        let others = self.ask(|reply| Request::UnderWay { service, except: release.clone(), reply }).await?;
        let on_record = self.ask(|reply| Request::OnRecord { release: release.clone(), reply }).await?;
        let question = Question { blueprint: Arc::new(blueprint), others, recorded, on_record };
        let checks = self.gate.ask(question).await;
        Ok(GateAnswer { release, open: checks.iter().all(|check| check.status.opens()), checks })
    }

    /// Puts a paper on record about a release, which need not exist yet: then it is about the plan as it stands now.
    /// Answers with all papers of the release, oldest first.
    pub async fn note(&self, release: ReleaseName, new: NewPaper, by: Actor) -> Result<Vec<Noted>, Failure> {
        let known = self.ask(|reply| Request::Known { release: release.clone(), reply }).await?;
        let blueprint = match known {
            Some(blueprint) => blueprint,
            None => self.compile(&release).await?,
        };
        let paper = paper::admit(&blueprint, new, &by)?;
        self.ask(|reply| Request::Note { release, paper, by, reply }).await
    }

    /// The papers of a release, oldest first; it need not exist.
    pub async fn papers(&self, release: ReleaseName) -> Result<Vec<Noted>, Failure> {
        Ok(self.ask(|reply| Request::OnRecord { release, reply }).await?.papers)
    }

    /// Names of releases as they change. A receiver that lags misses names, never the last state: ask for the
    /// status again.
    pub fn subscribe(&self) -> broadcast::Receiver<ReleaseName> {
        self.changed.subscribe()
    }

    /// Entries of the ledger.
    pub async fn ledger(&self, filter: Filter) -> Result<Page, Failure> {
        crate::record::page(self, &filter).await
    }

    /// Verifies the ledger from its first entry, with the verifier that shares no code with the writer.
    pub async fn verify(&self) -> Result<Verification, Failure> {
        crate::record::verify(self).await
    }

    /// What an admin asks about people and tokens; everybody afterwards. Whether the author may is decided before.
    pub(crate) async fn wish(&self, wish: Wish, by: Actor) -> Result<Arc<Directory>, Failure> {
        self.ask(|reply| Request::Wish { wish: Box::new(wish), by, reply }).await
    }

    /// What alerts that come in lead to, as ripcord.yaml says now.
    pub(crate) async fn alert_rules(&self) -> Result<Option<AlertRules>, Failure> {
        self.in_files(|plans| plans.alerts()).await
    }

    /// Takes what Alertmanager says as evidence for the release that is out.
    pub(crate) async fn alerts(&self, delivery: Alerts, rules: AlertRules) -> Result<Taken, Failure> {
        self.ask(|reply| Request::Alerts { delivery: Box::new(delivery), rules, reply }).await
    }

    /// What was told to whom about a release, and what is due.
    pub async fn messages(&self, release: ReleaseName) -> Result<ripcord_comms::Messages, Failure> {
        self.ask(|reply| Request::Messages { release, reply }).await
    }

    /// Confirms that people outside are told; without a reason it only shows what they would be.
    pub async fn announce(
        &self,
        release: ReleaseName,
        asked: crate::telling::Announcement,
        by: Actor,
    ) -> Result<crate::telling::Announced, Failure> {
        self.ask(|reply| Request::Announce { release, asked, by, reply }).await
    }

    /// Up to `limit` blocks of a release with a number of at least `from`, in order.
    pub async fn blocks(&self, release: ReleaseName, from: u64, limit: usize) -> Result<Vec<Block>, Failure> {
        self.ask(|reply| Request::Blocks { release, from, limit, reply }).await
    }

    /// The text of a runbook as it stands now, by its path below the root.
    pub async fn runbook_source(&self, path: String) -> Result<SourceFile, Failure> {
        self.in_files(move |plans| plans.runbook_source(&path)).await
    }

    /// About the control plane itself.
    pub async fn info(&self) -> Result<Info, Failure> {
        self.ask(|reply| Request::Info { reply }).await
    }

    /// Ends the loop: what is under way is left as it is and taken up again at the next start.
    pub async fn shutdown(&self) {
        let (reply, done) = oneshot::channel();
        if self.sender.send(Message::Shutdown(reply)).await.is_ok() {
            let _ = done.await;
        }
    }

    /// Compiles the plan as it stands now. A release that exists keeps the last good it was created with, so that
    /// an unchanged plan compiles to the same blueprint.
    async fn compile(&self, release: &ReleaseName) -> Result<Blueprint, Failure> {
        let known = self.ask(|reply| Request::Known { release: release.clone(), reply }).await?;
        let is_new = known.is_none();
        let last_good = match &known {
            Some(blueprint) => blueprint.last_good.clone(),
            None => {
                let service = self.in_files(|plans| plans.service()).await?;
                self.ask(|reply| Request::LastGood { service, reply }).await?
            }
        };
        let recorded = last_good.clone().filter(|_| is_new);
        let release = release.clone();
        let blueprint = self.in_files(move |plans| plans.compile(&release, last_good)).await?;
        agree_on_last_good(recorded.as_ref(), blueprint.last_good.as_ref())?;
        Ok(match &known {
            Some(known) => fixed::as_of(known, blueprint),
            None => blueprint,
        })
    }

    async fn in_files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Plans) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let plans = Arc::clone(&self.plans);
        let worked = tokio::task::spawn_blocking(move || work(plans.as_ref())).await;
        worked.map_err(|error| {
            Failure::new(
                FailureKind::Internal,
                "compiler-panicked",
                format!("the plan could not be read: {error}"),
            )
        })?
    }

    pub(crate) async fn ask<T>(&self, question: impl FnOnce(Reply<T>) -> Request) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        self.sender.send(Message::Request(question(reply))).await.map_err(|_| Failure::gone())?;
        answer.await.map_err(|_| Failure::gone())?
    }
}

/// A line left over from an earlier plan would move every user to a version that is long gone.
fn agree_on_last_good(recorded: Option<&Artifact>, planned: Option<&Artifact>) -> Result<(), Failure> {
    let (Some(recorded), Some(planned)) = (recorded, planned) else { return Ok(()) };
    if recorded.version == planned.version {
        return Ok(());
    }
    let message = format!(
        "the plan says `last_good: {}`, but {} completed last and serves",
        planned.version, recorded.version
    );
    Err(Failure::new(FailureKind::Refused, "another-last-good", message)
        .hinted("remove `last_good` from the plan: Ripcord knows it from the record"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::version;

    #[test]
    fn a_last_good_left_over_from_an_earlier_plan_is_refused() {
        let artifact = |name| Artifact { version: version(name), artifact: None, digest: None };
        let (v1, v2) = (artifact("v1"), artifact("v2"));
        let refused = agree_on_last_good(Some(&v2), Some(&v1)).unwrap_err();
        assert_eq!(refused.code, "another-last-good");
        assert!(refused.message.contains("v2 completed last"), "{}", refused.message);
        assert!(agree_on_last_good(Some(&v2), Some(&v2)).is_ok());
        assert!(agree_on_last_good(None, Some(&v1)).is_ok(), "before the first release only the plan knows");
        assert!(agree_on_last_good(Some(&v2), None).is_ok());
    }
}
