//! How a run ended, step by step.

use std::path::PathBuf;

use ripcord_model::{Actor, Duration, EnvironmentName, ReleaseName, Timestamp, paper::RunbookResult};
use ripcord_runbook::{
    RunbookName, StepId,
    execution::{Execution, Header, Phase, Timing},
};
use serde::Serialize;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// The name of the run.
    pub run: String,
    /// The runbook.
    pub runbook: RunbookName,
    /// Who ran it.
    pub by: Actor,
    /// When it began.
    pub started_at: Timestamp,
    /// Where.
    pub environment: Option<EnvironmentName>,
    /// For which release.
    pub release: Option<ReleaseName>,
    /// How.
    pub ending: Ending,
    /// All steps, in the order of the file.
    pub steps: Vec<StepReport>,
    /// How long it took, by what it was spent on.
    pub took: Timing,
    /// What it was meant to take.
    pub budget: Duration,
    /// Whether it took longer.
    pub over: bool,
    /// The journal.
    pub journal: PathBuf,
    /// What people should know.
    pub notes: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Ending {
    /// Every step is done or skipped.
    Done,
    /// A step failed, and nobody has decided what to do.
    Stuck {
        /// Which.
        step: StepId,
        /// Why.
        why: String,
    },
    /// A step waits for a person, and nobody could be asked. It has not begun, or was interrupted.
    NeedsPerson {
        /// Which.
        step: StepId,
        /// For what.
        why: String,
        /// Whether the step was interrupted, so that somebody has to look whether it is half done.
        interrupted: bool,
    },
    /// It was left in the middle; it can go on.
    Left {
        /// The step that was under way, if one was.
        step: Option<StepId>,
    },
    /// It was given up for good.
    Stopped {
        /// Why.
        reason: String,
    },
}

impl Ending {
    /// The same in the words of the record.
    pub fn result(&self) -> RunbookResult {
        match self {
            Self::Done => RunbookResult::Done,
            Self::Stuck { step, why } => RunbookResult::Stuck { step: step.to_string(), why: why.clone() },
            Self::NeedsPerson { step, why, .. } => {
                RunbookResult::NeedsPerson { step: step.to_string(), why: why.clone() }
            }
            Self::Left { .. } => RunbookResult::Left,
            Self::Stopped { reason } => RunbookResult::Stopped { reason: reason.clone() },
        }
    }
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Which.
    pub step: StepId,
    /// The heading it stands under.
    pub title: String,
    /// The word of its fence.
    pub kind: &'static str,
    /// Where it is.
    pub state: Phase,
    /// What it was meant to take.
    pub budget: Duration,
    /// What it took.
    pub took: Timing,
    /// Whether it took longer.
    pub over: bool,
}

impl RunReport {
    pub(crate) fn new(
        header: &Header,
        execution: &Execution,
        ending: Ending,
        journal: PathBuf,
        notes: Vec<String>,
    ) -> Self {
        Self {
            run: header.run.clone(),
            runbook: header.runbook.clone(),
            by: header.by.clone(),
            started_at: header.started_at,
            environment: header.environment.clone(),
            release: header.release.clone(),
            ending,
            steps: steps(execution),
            took: execution.timing(),
            budget: execution.runbook().budget.value,
            over: execution.is_over_budget(),
            journal,
            notes,
        }
    }
}

fn steps(execution: &Execution) -> Vec<StepReport> {
    let timings = execution.step_timings();
    execution
        .steps()
        .zip(timings)
        .map(|((step, phase), timing)| StepReport {
            step: step.id.value.clone(),
            title: step.title.clone(),
            kind: step.kind.word(),
            state: phase.clone(),
            budget: timing.budget,
            took: timing.took,
            over: timing.over,
        })
        .collect()
}
