//! What a run is given besides its runbook.

use std::path::PathBuf;

use ripcord_model::{Actor, Timestamp};
use ripcord_runbook::{StepId, Values, execution::Choice};

use crate::{
    clock,
    process::{SearchPath, Secrets, Stop},
};

/// What a run is given besides its runbook.
#[derive(Debug, Clone)]
pub struct Options {
    /// The service's root: scripts run here or below.
    pub root: PathBuf,
    /// Who runs it.
    pub by: Actor,
    /// What variables stand for.
    pub values: Values,
    /// Where programs are searched for besides `PATH`.
    pub search: SearchPath,
    /// Values that nobody may see, besides those that the steps name.
    pub secrets: Secrets,
    /// Steps to leave out, with reasons.
    pub skip: Vec<(StepId, String)>,
    /// Leave out everything before this step, with a reason.
    pub from: Option<(StepId, String)>,
    /// What a person has decided beforehand about a step that was interrupted or has failed.
    pub decisions: Vec<Decision>,
    /// How long a script may take to end after it was asked to.
    pub grace: std::time::Duration,
    /// Somebody may give up.
    pub stop: Stop,
    /// The clock on the wall.
    pub wall: fn() -> Timestamp,
}

/// What a person has decided about a step that was interrupted or has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Which step.
    pub step: StepId,
    /// What.
    pub choice: Choice,
    /// Why.
    pub reason: String,
}

impl Options {
    /// For a run by `by` in the repository at `root`.
    pub fn new(root: PathBuf, by: Actor) -> Self {
        Self {
            root,
            by,
            values: Values::new(),
            search: SearchPath::default(),
            secrets: Secrets::none(),
            skip: Vec::new(),
            from: None,
            decisions: Vec::new(),
            grace: std::time::Duration::from_secs(5),
            stop: Stop::never(),
            wall: clock::wall,
        }
    }
}
