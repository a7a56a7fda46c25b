//! Papers: what people and pipelines put on record about a release before it may go to production: approvals, results of
//! tests, messages that were sent, differences that were looked at.
//!
//! Owns: their shapes, which are a file format (`docs/ledger.md`), and who may put what on record. Refuses to know: when
//! the gate wants them, and where they are kept.
//!
//! Invariant: a paper says what it is about, a blueprint or an artifact, so that it is worth nothing for another.

mod admit;
mod counts;
mod expiry;
mod freeze_exception;
mod message;
mod overriding;
mod post_mortem;
mod rehearsal;
mod runbook;
#[cfg(test)]
mod tests;

pub use admit::{PaperRefusal, admit};
pub use counts::Counts;
pub use expiry::{Expiry, ExpiryRefusal, InvalidExpiry};
pub use freeze_exception::{
    EXCEPTION_MAX, ExceptionRefusal, FreezeException, NewFreezeException, admit_exception,
};
pub use message::{
    AlertLedTo, AlertReceived, MessageConfirmed, MessageFailed, MessageSent, SeenAlert, SilencePlaced,
    SilenceRemoved,
};
pub use overriding::{
    AdmittedOverride, NewOverride, OVERRIDE_MAX, Override, OverrideRefusal, POST_MORTEM_DUE, admit_override,
    may_override,
};
pub use post_mortem::{
    Closing, OwedPostMortem, PostMortem, PostMortemClosed, PostMortemOpened, post_mortems,
};
pub use rehearsal::{RehearsalWarned, RehearsalWarning};
pub use runbook::{RunbookResult, RunbookRun, RunbookStepApproved, RunbookStepRun, RunbookStepState};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, Timestamp,
    blueprint::{Artifact, BlueprintHash, RecordKind},
};

/// A fact about a release that the gate reads and the state machine does not. The names and fields are a file format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Paper {
    /// A named person agreed that the release, as its blueprint describes it, goes to production.
    ReleaseApproved {
        /// Exactly this one: whatever changes in the plan voids the approval.
        blueprint: BlueprintHash,
        /// As whom, in the person's own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
        /// Why, in the person's own words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// The result of tests, of people trying it out, or of a load test.
    ResultRecorded {
        /// Of what.
        of: RecordKind,
        /// What was tested; a result says nothing about another artifact.
        artifact: Artifact,
        /// The report.
        file: Sheet,
        /// What the report counts, when it could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counts: Option<Counts>,
    },
    /// People were told before the release.
    MessageRecorded {
        /// Who, as the plan calls them.
        to: String,
        /// What about.
        artifact: Artifact,
        /// What they were told.
        file: Sheet,
    },
    /// A person has looked at how production differs from staging.
    ConfigDiffReviewed {
        /// SHA-256 over the differences that were looked at, lower-case hex.
        differences: String,
    },
    /// People were told that a confirmed time will not count, or does not count any more.
    RehearsalWarned(RehearsalWarned),
    /// A runbook was run by hand.
    RunbookRun(Box<RunbookRun>),
    /// A step of such a run was approved.
    RunbookStepApproved(RunbookStepApproved),
    /// An executive accepted a check of the gate as it is.
    CheckOverridden(Override),
    /// A post-mortem is owed; recorded together with the override it is about.
    PostmortemOpened(PostMortemOpened),
    /// It was written.
    PostmortemClosed(PostMortemClosed),
    /// A hotfix may move forward in spite of freezes and outside of windows.
    FreezeExcepted(FreezeException),
    /// A channel has taken a message about an incident.
    MessageSent(Box<MessageSent>),
    /// A channel has not.
    MessageFailed(Box<MessageFailed>),
    /// A named person confirmed that people outside are told.
    MessageConfirmed(MessageConfirmed),
    /// Alerts are silent while the release is under way.
    SilencePlaced(SilencePlaced),
    /// They are heard again.
    SilenceRemoved(SilenceRemoved),
    /// Alertmanager said something about the service.
    AlertReceived(Box<AlertReceived>),
}

/// A file as the record knows it: never its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Its name, without directories.
    pub name: String,
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A paper with who put it on record, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noted {
    /// When, in UTC.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// What.
    pub paper: Paper,
}

/// What somebody asks to be put on record. What it is about is filled in from the release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewPaper {
    /// An approval of the release.
    Approval {
        /// As whom.
        #[serde(default)]
        role: Option<String>,
        /// Why.
        #[serde(default)]
        why: Option<String>,
        /// The blueprint that was looked at, or its first digits; refused when the plan compiles to another by now.
        #[serde(default)]
        blueprint: Option<String>,
    },
    /// A result.
    Result {
        /// Of what.
        of: RecordKind,
        /// The report.
        file: Sheet,
        /// What it counts.
        #[serde(default)]
        counts: Option<Counts>,
    },
    /// A message that was sent.
    Message {
        /// To whom, as the plan calls them.
        to: String,
        /// What.
        file: Sheet,
    },
    /// The differences between staging and production were looked at.
    ConfigDiff {
        /// SHA-256 over them, as it was shown.
        differences: String,
    },
}
