//! What is next.

use serde::{Deserialize, Serialize};

use crate::StepId;

/// What is next, given the runbook and all records so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Next {
    /// Do a step: record `started` with this attempt, then do what its kind says, then record `ended`.
    Run {
        /// The step.
        step: StepId,
        /// The attempt to record.
        attempt: u32,
    },
    /// Ask a person: record `started` with this attempt, ask, record `answered`.
    Ask {
        /// The step.
        step: StepId,
        /// The attempt to record.
        attempt: u32,
    },
    /// Try the verification of a step until it passes or its time is over, then record `verified` or `not-verified`.
    Verify {
        /// The step.
        step: StepId,
        /// The attempt that is verified.
        attempt: u32,
    },
    /// A step that must not be done twice was interrupted: ask a person, record `confirmed` or `skipped`.
    Confirm {
        /// The step.
        step: StepId,
        /// The attempt that was interrupted.
        attempt: u32,
    },
    /// A step of level migration or data needs somebody else's word: wait for it, record `approved`.
    Approve {
        /// The step.
        step: StepId,
    },
    /// A step is under way and its end has not been recorded. A reader of a journal whose writer is gone records
    /// `resumed` and asks again.
    Underway {
        /// The step.
        step: StepId,
        /// The attempt.
        attempt: u32,
    },
    /// A step failed. A person may have it done again, say that it has been done, skip it, or stop.
    Failed {
        /// The step.
        step: StepId,
        /// The attempt.
        attempt: u32,
        /// In a few words.
        why: String,
    },
    /// The run was given up.
    Stopped {
        /// Why.
        reason: String,
    },
    /// Every step is done or skipped.
    Done,
}
