//! What people ask a release: where is it, why is nothing happening, what would change that.

use ripcord_model::{
    Level, Person, ReleaseName, ServiceName, Share, SignalName, Timestamp, VersionName, blueprint::Harm,
};
use serde::{Deserialize, Serialize};

use crate::{
    event::{Cause, HoldCause},
    input::CheckResult,
};

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

/// A reason why nothing is happening.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// For what.
    pub on: WaitingOn,
    /// In one sentence.
    pub why: String,
    /// What would change it, in one sentence.
    pub until: String,
}

/// What a release waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitingOn {
    /// An effect under way.
    Effect,
    /// An effect that failed and is tried again later.
    Retry {
        /// When.
        at: Timestamp,
    },
    /// The stage's dwell.
    Dwell {
        /// When it ends.
        until: Timestamp,
    },
    /// The stage's minimum exposure.
    Exposure {
        /// Requests still missing.
        missing: u64,
    },
    /// Nothing but the next look at the clock.
    Tick,
    /// The record: facts cannot be written at the moment.
    Record,
    /// A signal to say something, or to be within its limits.
    Signal {
        /// Which.
        signal: SignalName,
    },
    /// A hold to be lifted.
    Hold {
        /// Which.
        cause: HoldCause,
    },
    /// The gate's checks.
    Gate {
        /// How many block.
        blocking: usize,
    },
    /// A named person.
    Person {
        /// To do what: a command.
        command: String,
        /// Who could, when known.
        who: Option<Person>,
    },
    /// Signals to be within limits for a while.
    Recovery {
        /// When that is reached if nothing happens.
        until: Timestamp,
    },
}

/// One signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalStatus {
    /// Its name.
    pub name: SignalName,
    /// Whom it hurts.
    pub harm: Harm,
    /// The candidate's value over the signal's window.
    pub canary: Option<f64>,
    /// Last good's.
    pub control: Option<f64>,
    /// Whether the values are fractions, to be shown in percent.
    pub is_ratio: bool,
    /// When it last said something.
    pub last_data: Option<Timestamp>,
    /// Whether it is silent for too long.
    pub blind: bool,
    /// Its rules.
    pub rules: Vec<RuleStatus>,
}

/// One rule of a signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleStatus {
    /// As people write it.
    pub rule: String,
    /// What it leads to: `rollback`, `contain`, `hold`.
    pub leads_to: String,
    /// Whether it is violated at the moment.
    pub violated: bool,
    /// Since when.
    pub since: Option<Timestamp>,
    /// For evidence: natural logarithm of the e-value, and the threshold.
    pub log_e: Option<f64>,
    /// See `log_e`.
    pub threshold: Option<f64>,
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
