//! The port to real systems: what a step may do besides running a script.

use async_trait::async_trait;
use ripcord_model::{Actor, Timestamp};
use ripcord_runbook::{Role, RunbookHash, SignalCondition, StepId, StepKind};

/// A desired state of a real system. It may be made true again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Desired {
    /// The flag is so.
    Flag {
        /// Its key.
        flag: String,
        /// On or off.
        on: bool,
    },
    /// All traffic goes to last good, read back from the router.
    Traffic,
    /// The candidate does not run any more; last good does.
    Deploy,
    /// The migrations of a change are undone.
    Migrate {
        /// The change of the plan.
        change: String,
    },
    /// The data of a change is restored.
    Restore {
        /// The change of the plan.
        change: String,
    },
}

impl Desired {
    /// What a step asks of real systems; nothing for a step of another kind.
    pub fn of(kind: &StepKind) -> Option<Self> {
        match kind {
            StepKind::Flag { flag, on } => Some(Self::Flag { flag: flag.value.clone(), on: *on }),
            StepKind::Traffic => Some(Self::Traffic),
            StepKind::Deploy => Some(Self::Deploy),
            StepKind::Migrate { change } => Some(Self::Migrate { change: change.value.clone() }),
            StepKind::Restore { change } => Some(Self::Restore { change: change.value.clone() }),
            StepKind::Run(_) | StepKind::Manual { .. } | StepKind::Check(_) | StepKind::Template(_) => None,
        }
    }
}

/// Why a desired state is not in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EffectError {
    /// Trying again can help.
    #[error("{0}")]
    Transient(String),
    /// Trying again cannot help.
    #[error("{0}")]
    Permanent(String),
}

/// What a signal says about a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It holds.
    Holds,
    /// It does not hold, or not for long enough yet; what the signal says.
    NotYet(String),
    /// The signal says nothing; why.
    Silent(String),
}

/// A message to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it goes: `status-page`, `support`, ….
    pub channel: String,
    /// The state it announces.
    pub status: Option<String>,
    /// The text, filled in.
    pub text: String,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It was delivered; to whom.
    To(String),
    /// It was not; why, and what a person has to do.
    Not(String),
}

/// A step that needs the word of somebody other than who runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedsApproval {
    /// The run.
    pub run: String,
    /// When it began.
    pub started_at: Timestamp,
    /// The text that is executed.
    pub hash: RunbookHash,
    /// The step.
    pub step: StepId,
}

/// What the record says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// Somebody agreed to this step of this run of this text.
    Given(Actor),
    /// Nobody has.
    NotYet,
    /// There is no record, or it cannot be read; why.
    NoRecord(String),
}

/// Whether whoever is there may answer a step that asks for a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MayAnswer {
    /// They may, under this name.
    Yes(Actor),
    /// They may not.
    No {
        /// Who they are taken for.
        who: String,
        /// Who could, as the end of a sentence.
        could: String,
    },
    /// Nobody can tell: no people are set up, or no server answers. The role is shown, and left to honesty.
    Unknown,
}

/// Real systems.
#[async_trait]
pub trait Effects: Send + Sync {
    /// Makes `desired` true, and returns when it has been read back. Called again after [`EffectError::Transient`].
    async fn perform(&self, desired: &Desired) -> Result<(), EffectError>;

    /// Whether a condition on a signal holds now. Called again and again while it does not.
    async fn check(&self, condition: &SignalCondition) -> Checked;

    /// Sends a message.
    async fn send(&self, message: &Message) -> Sent;

    /// Whether somebody else has agreed to a step. Called again and again while nobody has.
    async fn approval(&self, asked: &NeedsApproval) -> Approval;

    /// Whether whoever is there holds a role. Asked before the question is.
    async fn may_answer(&self, role: Role) -> MayAnswer;
}

/// No real systems: for runbooks of scripts and questions alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEffects;

#[async_trait]
impl Effects for NoEffects {
    async fn perform(&self, _desired: &Desired) -> Result<(), EffectError> {
        Err(EffectError::Permanent("no real systems are connected".to_owned()))
    }

    async fn check(&self, _condition: &SignalCondition) -> Checked {
        Checked::Silent("no source of numbers is connected".to_owned())
    }

    async fn send(&self, _message: &Message) -> Sent {
        Sent::Not("no channel is connected".to_owned())
    }

    async fn approval(&self, _asked: &NeedsApproval) -> Approval {
        Approval::NoRecord("there is no record here".to_owned())
    }

    async fn may_answer(&self, _role: Role) -> MayAnswer {
        MayAnswer::Unknown
    }
}
