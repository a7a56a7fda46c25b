//! Where a release is, with what that place needs to know.

use ripcord_model::{Level, Timestamp};

use crate::status::PhaseName;

/// The phases and their inner steps. Each inner step wants at most one desired state; see `wanted.rs`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Phase {
    Planned,
    Staging(StagingStep),
    Gating(GatingStep),
    Releasing {
        stage: usize,
        step: StageStep,
    },
    Verifying,
    Completing,
    Complete,
    /// Given up in staging; the candidate is being taken down there.
    Cancelling,
    Cancelled,
    Contained,
    GoingBack(Goal),
    RolledBack,
    Stuck {
        goal: Goal,
        step: usize,
        reason: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StagingStep {
    Deploy,
    Probe,
    TakeDown,
    Passed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GatingStep {
    /// Last good runs in production.
    Baseline,
    /// All traffic goes to last good.
    BaselineTraffic,
    /// Rehearsal: nothing but last good runs, also when another version had the traffic before.
    Clearing,
    /// Rehearsal: the flags of the way back are off, one after the other.
    FlagsOff { next: usize },
    /// Rehearsal: last good is watched.
    Settling,
    /// Rehearsal: what is in force is written down, to be compared with afterwards.
    Looking,
    /// The checks are being answered.
    Checks,
    /// At least one check blocks; a person asks again.
    Blocked,
    /// Every check passed or was overridden.
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StageStep {
    /// Candidate and last good run; only before the first stage.
    Deploying,
    /// Last good died and is being started again.
    Repairing,
    /// The router is being brought to the stage's share.
    Applying,
    /// The share is in force, as read back; the dwell can start.
    Applied,
    Baking,
    Ready,
}

/// What going back is to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The bleeding stops, nothing more.
    Contain,
    /// Everything up to this level is undone.
    Rollback(Level),
}

impl Phase {
    pub(crate) const fn name(&self) -> PhaseName {
        match self {
            Self::Planned => PhaseName::Planned,
            Self::Staging(_) | Self::Cancelling => PhaseName::Staging,
            Self::Gating(_) => PhaseName::Gating,
            Self::Releasing { .. } => PhaseName::Releasing,
            Self::Verifying | Self::Completing => PhaseName::Verifying,
            Self::Complete => PhaseName::Complete,
            Self::Cancelled => PhaseName::Cancelled,
            Self::Contained => PhaseName::Contained,
            Self::GoingBack(_) => PhaseName::RollingBack,
            Self::RolledBack => PhaseName::RolledBack,
            Self::Stuck { .. } => PhaseName::Stuck,
        }
    }

    /// Whether the candidate may be receiving production traffic, so that signals are judged.
    pub(crate) const fn is_exposed(&self) -> bool {
        match self {
            Self::Releasing { step, .. } => match step {
                StageStep::Deploying => false,
                StageStep::Repairing
                | StageStep::Applying
                | StageStep::Applied
                | StageStep::Baking
                | StageStep::Ready => true,
            },
            Self::Verifying => true,
            Self::Planned
            | Self::Staging(_)
            | Self::Gating(_)
            | Self::Completing
            | Self::Complete
            | Self::Cancelling
            | Self::Cancelled
            | Self::Contained
            | Self::GoingBack(_)
            | Self::RolledBack
            | Self::Stuck { .. } => false,
        }
    }

    /// Whether somebody should keep reading the signals: exposed, contained or on the way back.
    pub(crate) const fn wants_observations(&self) -> bool {
        match self {
            Self::Contained | Self::GoingBack(_) | Self::Stuck { .. } => true,
            Self::Releasing { .. } | Self::Verifying => self.is_exposed(),
            Self::Planned
            | Self::Staging(_)
            | Self::Gating(_)
            | Self::Completing
            | Self::Complete
            | Self::Cancelling
            | Self::Cancelled
            | Self::RolledBack => false,
        }
    }
}

/// How a stage went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct StageRecord {
    pub(crate) baking_since: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) requests: u64,
}

/// How a step of the way back went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BackRecord {
    pub(crate) state: BackState,
    pub(crate) approved: bool,
    /// It failed and gave way to the other steps that stop the bleeding.
    pub(crate) postponed: bool,
    pub(crate) started: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BackState {
    Waiting,
    Running,
    /// Its effect is in force; for verification the recovery time still has to pass.
    Achieved {
        at: Timestamp,
    },
    Done,
    Skipped,
    Failed,
}

impl BackRecord {
    pub(crate) const NEW: Self =
        Self { state: BackState::Waiting, approved: false, postponed: false, started: None, ended: None };

    pub(crate) const fn is_over(&self) -> bool {
        match self.state {
            BackState::Done | BackState::Skipped => true,
            BackState::Waiting | BackState::Running | BackState::Achieved { .. } | BackState::Failed => false,
        }
    }
}
