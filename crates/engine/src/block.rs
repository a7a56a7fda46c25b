//! Observations: what the metric source said since the last sample. Many, and not facts.

use ripcord_model::Timestamp;
use serde::{Deserialize, Serialize};

/// One sample of everything a release watches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Grows by at least one per block of a release; a number already seen is ignored.
    pub seq: u64,
    /// When it was taken.
    pub at: Timestamp,
    /// Requests answered since the previous block, as counted at the router or by the versions themselves.
    pub requests: Arms<u64>,
    /// Whether the candidate runs.
    pub candidate: Liveness,
    /// Whether last good runs.
    #[serde(default)]
    pub last_good: Liveness,
    /// One per signal of the blueprint, in its order; `None` when the source said nothing about it.
    pub samples: Vec<Option<Sample>>,
}

/// The same quantity on both sides of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arms<T> {
    /// On the candidate.
    pub canary: T,
    /// On last good.
    pub control: T,
}

/// Whether a version's instances run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Liveness {
    /// At least one runs.
    Running,
    /// None runs though some should.
    Dead,
    /// Nobody could say, or nothing should run.
    #[default]
    Unknown,
}

/// What one signal said since the previous block. Counts are differences of raw counters, resets handled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sample {
    /// For ratio signals: events and bad events per arm.
    Counts(Arms<Counts>),
    /// For count signals: how often it happened per arm.
    Events(Arms<f64>),
    /// For quantiles and gauges: the value over the signal's window; `None` on an arm without data.
    Values(Arms<Option<f64>>),
}

/// Events and bad events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// All events.
    pub n: u64,
    /// The bad ones among them.
    pub bad: u64,
}
