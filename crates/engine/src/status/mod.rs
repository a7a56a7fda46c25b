//! What people ask a release: where is it, why is nothing happening, what would change that.

mod signal;
mod waiting;

use ripcord_model::{
    Duration, EnvironmentName, Level, ReleaseName, ServiceName, Share, Timestamp, VersionName,
    paper::OwedPostMortem,
};
use serde::{Deserialize, Serialize};

pub use signal::{RuleStatus, SignalStatus};
pub use waiting::{Waiting, WaitingOn};

use crate::{event::Cause, evidence::EvidenceStatus, input::CheckResult, rehearsal::RehearsalResult};

/// Everything `status` says about a release, for text, JSON and pages alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// The release.
    pub release: ReleaseName,
    /// Its service.
    pub service: ServiceName,
    /// What goes out.
    pub candidate: VersionName,
    /// Where the way back leads.
    pub last_good: Option<VersionName>,
    /// The first digits of the blueprint's hash.
    pub blueprint: String,
    /// Where it is.
    pub phase: PhaseName,
    /// The same in one sentence: the answer first.
    pub headline: String,
    /// The share of traffic last asked for.
    pub share: Share,
    /// Since when it is there.
    pub since: Timestamp,
    /// The instant of this answer.
    pub now: Timestamp,
    /// The stages.
    pub stages: Vec<StageStatus>,
    /// Why nothing is happening, and what would change that; empty when something is.
    pub waiting: Vec<Waiting>,
    /// The signals.
    pub signals: Vec<SignalStatus>,
    /// The evidence of all rules together, per what they lead to; empty when no rule is decided by evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceStatus>,
    /// The steps of the way back, when it is going or has gone back.
    pub back: Vec<BackStepStatus>,
    /// Why it went back or was contained.
    pub cause: Option<Cause>,
    /// The clock of the incident.
    pub clock: IncidentClock,
    /// The gate's last answers.
    pub gate: Vec<CheckResult>,
    /// The next command a person might type.
    pub next: Vec<String>,
    /// Present when this is the rehearsal of a release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<Box<RehearsalStatus>>,
    /// The newest confirmed time of its way back, as far as the record knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Confirmed>,
    /// What to mind beside all that, each as one sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Until when no freeze holds it, by an exception.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub despite_freeze: Option<Timestamp>,
    /// Post-mortems that are still to be written, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postmortems: Vec<OwedPostMortem>,
}

/// What a rehearsal is and came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RehearsalStatus {
    /// The release whose way back it is.
    pub of: ReleaseName,
    /// Where.
    pub environment: EnvironmentName,
    /// What it came to; absent while it runs.
    pub result: Option<RehearsalResult>,
}

/// A time in which a way back was walked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    /// The rehearsal.
    pub rehearsal: ReleaseName,
    /// When it had its result.
    pub at: Timestamp,
    /// From the decision to verified recovery.
    pub took: Duration,
    /// How long it may take.
    pub budget: Duration,
    /// Until when it counts, where a running server knows that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// The states of a release, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseName {
    /// Created, nothing asked yet.
    Planned,
    /// Deployed and probed in staging.
    Staging,
    /// In front of the gate.
    Gating,
    /// Climbing the stages.
    Releasing,
    /// All traffic on the candidate, last good kept warm.
    Verifying,
    /// Done.
    Complete,
    /// Given up before production was touched.
    Cancelled,
    /// The bleeding has stopped, a person decides.
    Contained,
    /// Going back.
    RollingBack,
    /// Back on last good.
    RolledBack,
    /// The way back failed; a person is needed.
    Stuck,
}

impl PhaseName {
    /// Whether users may meet the candidate, or have met it in a release that is not over.
    pub const fn is_out(self) -> bool {
        match self {
            Self::Releasing | Self::Verifying | Self::Contained | Self::RollingBack | Self::Stuck => true,
            Self::Planned
            | Self::Staging
            | Self::Gating
            | Self::Complete
            | Self::Cancelled
            | Self::RolledBack => false,
        }
    }

    /// Whether the release is over.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Complete | Self::Cancelled | Self::RolledBack => true,
            Self::Planned
            | Self::Staging
            | Self::Gating
            | Self::Releasing
            | Self::Verifying
            | Self::Contained
            | Self::RollingBack
            | Self::Stuck => false,
        }
    }
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageStatus {
    /// Its share.
    pub share: Share,
    /// `waiting`, `applying`, `baking`, `ready`, `done`.
    pub state: StageState,
    /// When its dwell began.
    pub baking_since: Option<Timestamp>,
    /// How long it lasts at least.
    pub dwell_ms: u64,
    /// How long it has lasted.
    pub elapsed_ms: u64,
    /// Requests the candidate has answered in it.
    pub requests: u64,
    /// How many it must answer.
    pub min_requests: u64,
}

/// Where a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageState {
    /// Not reached.
    Waiting,
    /// Its share is being put in force.
    Applying,
    /// Its share is in force.
    Baking,
    /// It has everything it needs to end.
    Ready,
    /// It has ended.
    Done,
}

/// One step of the way back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackStepStatus {
    /// Its id.
    pub id: String,
    /// Its level.
    pub level: Level,
    /// Where it is.
    pub state: BackStepState,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How long it may take.
    pub budget_ms: u64,
}

/// Where a step of the way back is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackStepState {
    /// Not begun.
    Waiting,
    /// Waiting for its approver.
    Approval,
    /// Under way.
    Running,
    /// Ended well.
    Done,
    /// Left out by a person's decision.
    Skipped,
    /// Failed.
    Failed,
}

/// The clock of an incident. Instants in UTC; differences are taken on one steady clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentClock {
    /// When the harm seems to have begun.
    pub harm_began: Option<Timestamp>,
    /// When Ripcord or a person noticed.
    pub detected: Option<Timestamp>,
    /// When the on-call person said so.
    pub acknowledged: Option<Timestamp>,
    /// When going back or containing was decided.
    pub decided: Option<Timestamp>,
    /// When the first step of the way back was started.
    pub first_action: Option<Timestamp>,
    /// When no traffic reached the candidate any more, read back from the router.
    pub bleeding_stopped: Option<Timestamp>,
    /// When recovery had been seen.
    pub verified_recovered: Option<Timestamp>,
    /// When the release had gone back completely.
    pub all_clear: Option<Timestamp>,
}
