//! Numbers over many releases. Every definition stands in `docs/metrics.md`.
//!
//! Owns: what is counted and measured. Refuses to know: any store, any clock.
//!
//! Invariant: times are raw values and a median that was measured itself; there is no mean of times, and nothing is said
//! that the record cannot know.

mod compute;
mod histories;
mod value;

use ripcord_model::{ChangeClass, Duration, Level, ReleaseName, ServiceName, Timestamp};
use serde::{Deserialize, Serialize};

pub use compute::metrics;
pub use value::{Known, Rate, Times, Took};

/// The format number of metrics written today.
pub const FORMAT: u32 = 1;

/// Which releases are looked at, and what counts as hesitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Only releases created at this instant or later.
    pub since: Option<Timestamp>,
    /// Only releases of this service.
    pub service: Option<ServiceName>,
    /// From the first sign to the decision: longer is hesitation.
    pub hesitation_limit: Duration,
}

impl Default for Asked {
    fn default() -> Self {
        Self { since: None, service: None, hesitation_limit: crate::HESITATION_MAX }
    }
}

/// The numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// [`FORMAT`].
    pub format: u32,
    /// Only releases created at this instant or later were looked at.
    pub since: Option<Timestamp>,
    /// Only releases of this service were looked at.
    pub service: Option<ServiceName>,
    /// When the first of them was created.
    pub from: Option<Timestamp>,
    /// The newest entry about any of them.
    pub until: Option<Timestamp>,
    /// How many releases; rehearsals are none.
    pub releases: u64,
    /// How many of them sent traffic to the candidate.
    pub deployments: u64,
    /// How many of those have not ended and have not failed.
    pub under_way: u64,
    /// From the decision to the end of the bleeding.
    pub time_to_stop_bleeding: Times,
    /// From the decision to the end: back, or contained where that was all.
    pub time_to_roll_back_or_contain: Times,
    /// Ways back that ended well without help, of those that ended.
    pub rollback_success: RollbackSuccess,
    /// Kinds of changes in deployments, and how many had a rehearsed way back before traffic came.
    pub change_types: Vec<ChangeType>,
    /// From a signal beyond its limits to the decision.
    pub hesitation: Hesitation,
    /// Rehearsed against actual time.
    pub rehearsed_against_actual: Vec<RehearsedActual>,
    /// As DORA defines it.
    pub change_fail_rate: Rate,
    /// As DORA defines it.
    pub failed_deployment_recovery_time: Times,
    /// As DORA defines it: deployments in the period, and the time between two.
    pub deployment_frequency: Frequency,
    /// As DORA defines it; the record does not know when a change was committed.
    pub change_lead_time: Known,
}

/// Ways back, by how they ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollbackSuccess {
    /// Ended well, without ever being stuck.
    pub good: u64,
    /// Ended well after having been stuck.
    pub with_help: u64,
    /// Stuck, and still not back.
    pub stuck: u64,
    /// Not ended yet.
    pub under_way: u64,
    /// `good` of `good`, `with_help` and `stuck`.
    pub rate: Rate,
}

/// A kind of change: its class and the level of its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeType {
    /// What it touches.
    pub class: ChangeClass,
    /// The level of its way back; absent for one-way changes.
    pub level: Option<Level>,
    /// How many changes in deployments.
    pub changes: u64,
    /// How many had a confirmed rehearsal before traffic came.
    pub rehearsed: u64,
}

/// From a signal beyond its limits to the decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hesitation {
    /// Longer is hesitation.
    pub limit_ms: u64,
    /// The times.
    pub times: Times,
    /// Releases in which it was longer.
    pub exceeded: Vec<ReleaseName>,
    /// Decisions before which no signal was beyond its limits, so that nothing can be measured.
    pub without_a_signal: u64,
}

/// Rehearsed against actual time, of one incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RehearsedActual {
    /// The release.
    pub release: ReleaseName,
    /// The newest confirmed time before the decision.
    pub rehearsed_ms: u64,
    /// From the decision to verified recovery.
    pub actual_ms: u64,
    /// The rehearsal's result, the decision, the recovery.
    pub entries: Vec<u64>,
}

/// Deployments in the period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frequency {
    /// How many.
    pub deployments: u64,
    /// From the first instant looked at to the last, in milliseconds.
    pub period_ms: u64,
    /// From one deployment to the next of the same service.
    pub between: Times,
}
