//! Why a record is refused. A refused record changes nothing.

use ripcord_model::{Duration, Level};

use crate::{RunbookHash, StepId};

/// Why a record, or a whole journal, is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The journal was written by a later Ripcord.
    #[error("the journal has format {found}; this version reads format {known}")]
    UnknownFormat {
        /// As written.
        found: u32,
        /// As read here.
        known: u32,
    },
    /// The journal is of another text.
    #[error("the journal is of another text of the runbook: {} then, {} now", found.short(), expected.short())]
    OtherRunbook {
        /// The runbook's hash.
        expected: RunbookHash,
        /// The journal's.
        found: RunbookHash,
    },
    /// A step that the runbook does not have.
    #[error("the runbook has no step `{0}`")]
    NoSuchStep(StepId),
    /// An earlier step is open, and no reason says why this one goes first.
    #[error(
        "`{step}` comes after `{open}`, which is open: say why it goes first, or skip `{open}` with a reason"
    )]
    OutOfOrder {
        /// The step that was to begin.
        step: StepId,
        /// The first that is open.
        open: StepId,
    },
    /// Users are still harmed, and this step takes long: no reason is good enough.
    #[error(
        "`{step}` is of level {level}, and `{open}`, which stops the bleeding, is open: do that first, or skip it with a reason"
    )]
    BleedingFirst {
        /// The step that was to begin.
        step: StepId,
        /// Its level.
        level: Level,
        /// The first open step of level flag or deploy.
        open: StepId,
    },
    /// Nobody else has agreed to it.
    #[error("`{step}` is of level {level} and needs the word of somebody other than who runs it")]
    NeedsApproval {
        /// The step that was to begin.
        step: StepId,
        /// Its level.
        level: Level,
    },
    /// Who runs it wants to approve it.
    #[error("{by} runs the runbook and cannot approve `{step}`")]
    OwnApproval {
        /// The step.
        step: StepId,
        /// Who.
        by: String,
    },
    /// A reason is empty.
    #[error("a reason is needed: what will somebody want to know who reads this tomorrow?")]
    NoReason,
    /// Another step is under way.
    #[error("`{0}` is under way")]
    Underway(StepId),
    /// The step is done or skipped.
    #[error("`{0}` is done or skipped already")]
    Over(StepId),
    /// The step must not be done twice without a person's word.
    #[error("`{0}` may be half done and is not idempotent: a person has to look first")]
    NeedsConfirmation(StepId),
    /// The attempt is not the one that is next, or under way.
    #[error("attempt {found} of `{step}` where attempt {expected} was expected")]
    WrongAttempt {
        /// The step.
        step: StepId,
        /// The one that would have been accepted.
        expected: u32,
        /// As recorded.
        found: u32,
    },
    /// The step is not where this could happen.
    #[error("`{step}` is {phase}, so {what} cannot follow")]
    NotNow {
        /// The step.
        step: StepId,
        /// What it is.
        phase: &'static str,
        /// What was recorded.
        what: &'static str,
    },
    /// Only a person can say this.
    #[error("only a person can say this; `{0}` is none")]
    NotAPerson(String),
    /// Nothing is recorded after the end.
    #[error("the run was given up; nothing follows")]
    Stopped,
    /// Time runs backwards.
    #[error("{found} after {last}: time does not run backwards")]
    TimeRunsBackwards {
        /// Of the record before.
        last: Duration,
        /// As recorded.
        found: Duration,
    },
}
