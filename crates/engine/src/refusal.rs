//! Why a command is refused. A refused command changes nothing.

use ripcord_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::status::PhaseName;

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The release is somewhere where this cannot be done.
    #[error("{command} is not possible while the release is {phase:?}: {instead}")]
    WrongPhase {
        /// What was asked.
        command: String,
        /// Where it is.
        phase: PhaseName,
        /// What is possible instead.
        instead: String,
    },
    /// Somebody says what only Ripcord itself may say.
    #[error("{command} is what Ripcord itself says, when Alertmanager has told it so; {by} is somebody else")]
    OnlyRipcord {
        /// What was asked.
        command: String,
        /// Who asked.
        by: String,
    },
    /// A person is needed, and an agent or Ripcord itself asked.
    #[error("{command} needs a named person; {by} is not one")]
    NeedsPerson {
        /// What was asked.
        command: String,
        /// Who asked.
        by: String,
    },
    /// The reason is missing.
    #[error("{command} needs a reason: add --why \"…\"")]
    NeedsReason {
        /// What was asked.
        command: String,
    },
    /// The author may not approve their own step.
    #[error("{by} owns the release and cannot approve a step of its way back; {who} could")]
    OwnApproval {
        /// Who asked.
        by: String,
        /// Who could.
        who: String,
    },
    /// Somebody else approves.
    #[error("{by} is not named as approver of this release; {who} could")]
    NotAnApprover {
        /// Who asked.
        by: String,
        /// Who could.
        who: String,
    },
    /// There is no such step, or it waits for nothing.
    #[error("no step `{step}` waits for approval")]
    NoSuchStep {
        /// The step asked for.
        step: String,
    },
    /// The time has not come.
    #[error("too early: {why}")]
    TooEarly {
        /// What is missing.
        why: String,
    },
    /// Something stands in the way of going forward.
    #[error("not while it holds: {why}")]
    Holding {
        /// What stands in the way.
        why: String,
    },
    /// Only a hotfix moves during a freeze.
    #[error("the plan does not say that it is a hotfix, and only a hotfix moves during a freeze")]
    NoHotfix,
    /// It would have ended already.
    #[error("it would have ended at {until}, and it is {now}: name a time to come")]
    Expired {
        /// The instant asked for.
        until: Timestamp,
        /// The present one.
        now: Timestamp,
    },
    /// The effect is not one of this release, or has ended.
    #[error("generation {generation} is not under way")]
    NoSuchEffect {
        /// The generation reported.
        generation: u64,
    },
    /// The way back leads nowhere: last good is unknown.
    #[error("last good is unknown, so there is no way back: name it as `last_good` in the plan")]
    NoLastGood,
    /// There is no step of the level.
    #[error("the way back has no step of level {level}")]
    NoSuchLevel {
        /// The level asked for.
        level: String,
    },
}
