//! Runs of runbooks by hand as the record knows them, and the approvals of their steps.

use serde::{Deserialize, Serialize};

use crate::{Actor, Duration, EnvironmentName, ReleaseName, Timestamp};

/// A runbook was run by hand, or was left on the way. A run that goes on later is put on record again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunbookRun {
    /// The name of the run.
    pub run: String,
    /// The runbook's file, below the service's root.
    pub runbook: String,
    /// SHA-256 of its bytes, lower-case hex.
    pub hash: String,
    /// The release that went back, if the run was about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<ReleaseName>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// Who ran it.
    pub by: Actor,
    /// How it ended.
    pub result: RunbookResult,
    /// Its steps, in the order in which they were begun or left out; those that were not are missing.
    pub steps: Vec<RunbookStepRun>,
    /// When it began.
    pub started: Timestamp,
    /// When the last of it was written down.
    pub ended: Timestamp,
    /// SHA-256 of the journal's bytes, lower-case hex: a journal is put on record once.
    pub journal: String,
}

/// How a run of a runbook ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum RunbookResult {
    /// Every step is done or left out.
    Done,
    /// A step failed, and nobody has decided what to do.
    Stuck {
        /// Which.
        step: String,
        /// Why.
        why: String,
    },
    /// A step waits for a person who was not there.
    NeedsPerson {
        /// Which.
        step: String,
        /// For what.
        why: String,
    },
    /// It was left in the middle.
    Left,
    /// It was given up for good.
    Stopped {
        /// Why.
        reason: String,
    },
    /// Whoever ran it was gone before it ended.
    Interrupted,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunbookStepRun {
    /// Which.
    pub step: String,
    /// Where it ended.
    pub state: RunbookStepState,
    /// Why it failed or was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How often it was begun.
    pub attempts: u32,
    /// When it was first begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// How long it took, all attempts and waits together, on the steady clock.
    pub took: Duration,
    /// Who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Actor>,
}

/// Where a step of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunbookStepState {
    /// Done, and verified where it has a verification.
    Done,
    /// Failed.
    Failed,
    /// Left out.
    Skipped,
    /// Begun, its end is not known.
    Open,
}

/// Somebody other than who runs it agreed to one step of one run of a runbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunbookStepApproved {
    /// The run.
    pub run: String,
    /// When it began: a run of the same name elsewhere is another one.
    pub started: Timestamp,
    /// SHA-256 of the runbook's bytes, lower-case hex: another text needs another approval.
    pub hash: String,
    /// The step.
    pub step: String,
    /// Why, in the person's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}
