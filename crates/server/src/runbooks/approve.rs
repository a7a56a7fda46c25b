//! A step of a run is approved. The run's journal and the runbook say whether it waits for that, and for whom.

use std::{path::Path, sync::Arc};

use ripcord_model::{
    Actor,
    blueprint::Blueprint,
    paper::{Paper, RunbookStepApproved},
};
use ripcord_runbook::{
    Runbook, StepId,
    execution::{Entry, Execution, Header, Next, Record, Refusal},
};
use ripcord_runner::journal::{Peeked, peek};
use serde::{Deserialize, Serialize};

use crate::{
    failure::{Failure, FailureKind},
    handle::Handle,
    loop_::Request,
    plans::FilePlans,
};

/// How long a reason may be, in characters.
const WHY_MAX: usize = 1_000;

/// An approval that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewStepApproval {
    /// The step.
    pub step: String,
    /// Why, in the person's own words.
    #[serde(default)]
    pub why: Option<String>,
}

/// An approval as it is on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepApproval {
    /// Who agreed.
    pub by: Actor,
    /// To what.
    pub approved: RunbookStepApproved,
}

impl Handle {
    /// Agrees to a step of a run of a runbook that waits for it.
    ///
    /// # Errors
    /// When there is no such run, it does not wait for that step, or `by` runs it, owns the release or is not named.
    pub async fn approve_run(
        &self,
        run: String,
        new: NewStepApproval,
        by: Actor,
    ) -> Result<StepApproval, Failure> {
        let why = new.why.map(|why| reason(&why)).transpose()?;
        let root = self.info().await?.root;
        let (state, step, who) = (Arc::clone(&self.state), new.step, by.clone());
        let looked = tokio::task::spawn_blocking(move || waiting(&state, &root, &run, &step, &who)).await;
        let header = looked.map_err(|error| {
            Failure::new(
                FailureKind::Internal,
                "journal-panicked",
                format!("the run could not be read: {error}"),
            )
        })?;
        let (header, step) = header?;
        if let Some(release) = header.release.clone() {
            let known = self.ask(|reply| Request::Known { release, reply }).await?;
            known.map_or(Ok(()), |blueprint| may_approve(&blueprint, &by))?;
        }
        let approved = RunbookStepApproved {
            run: header.run,
            started: header.started_at,
            hash: header.hash.as_str().to_owned(),
            step: step.to_string(),
            why,
        };
        let paper = Paper::RunbookStepApproved(approved.clone());
        let (release, actor) = (header.release, by.clone());
        self.ask(|reply| Request::NoteAbout { release, paper, by: actor, reply }).await?;
        Ok(StepApproval { by, approved })
    }
}

/// The run's header and the step, when the run waits for somebody like `by` to agree to it.
fn waiting(
    state: &Path,
    root: &Path,
    run: &str,
    step: &str,
    by: &Actor,
) -> Result<(Header, StepId), Failure> {
    let refused = |code: &str, message: String| Failure::new(FailureKind::Refused, code, message);
    let Peeked { header, records, .. } = peek(state, run).map_err(|error| {
        Failure::new(FailureKind::NotFound, "no-such-run", error.to_string())
            .hinted("a run is named as its journal in .ripcord/runbooks, for example exam-submit-1")
    })?;
    let runbook = FilePlans::new(root.to_owned()).read_runbook(&header.path)?;
    let step = StepId::new(step).map_err(|error| {
        refused("no-such-step", format!("`{step}` is no step: expected {}", error.expected))
    })?;
    let execution = execution(runbook, &header, &records)?;
    let next = execution.next();
    let elapsed = execution.elapsed();
    let at = records.last().map_or(header.started_at, |record: &Record| record.at);
    let record = Record { at, elapsed, entry: Entry::Approved { step: step.clone(), by: by.clone() } };
    let mut tried = execution;
    tried.record(&record).map_err(|refusal| match refusal {
        Refusal::OwnApproval { .. } => {
            Failure::new(FailureKind::Forbidden, "own-approval", refusal.to_string())
                .hinted("somebody else has to agree")
        }
        refusal => refused("not-to-approve", refusal.to_string()),
    })?;
    if next == (Next::Approve { step: step.clone() }) {
        return Ok((header, step));
    }
    let message = format!("{run} does not wait for anybody to agree to `{step}`");
    Err(refused("not-waiting", message).hinted("approve when the run says that it waits"))
}

fn execution(runbook: Runbook, header: &Header, records: &[Record]) -> Result<Execution, Failure> {
    Execution::replay(Arc::new(runbook), header, records)
        .map_err(|refusal| Failure::new(FailureKind::Refused, "another-runbook", refusal.to_string()))
}

/// The same people as for a step of the compiled way back.
fn may_approve(blueprint: &Blueprint, by: &Actor) -> Result<(), Failure> {
    if by.name == blueprint.owner {
        let message = format!("{by} owns {} and cannot approve a step of its way back", blueprint.release);
        return Err(Failure::new(FailureKind::Forbidden, "own-approval", message)
            .hinted("somebody else has to agree"));
    }
    if blueprint.is_reviewer(&by.name) {
        return Ok(());
    }
    let named: Vec<&str> = blueprint.reviewers().into_iter().map(|person| person.as_str()).collect();
    let message = format!("{by} is not named as an approver of {}", blueprint.release);
    Err(Failure::new(FailureKind::Forbidden, "not-an-approver", message)
        .hinted(format!("these can: {}", named.join(", "))))
}

fn reason(why: &str) -> Result<String, Failure> {
    let why = why.trim();
    if why.is_empty() || why.chars().count() > WHY_MAX || why.chars().any(char::is_control) {
        let message = "the reason is not usable: expected 1 to 1000 characters on one line";
        return Err(Failure::new(FailureKind::Invalid, "unusable-reason", message));
    }
    Ok(why.to_owned())
}
