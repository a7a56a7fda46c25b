//! Observations: what the metric source said since the last sample. Many, and not facts.

use ripcord_model::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

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
    /// What the control's instances said apart, one per signal as in `samples`; empty when there is one instance only,
    /// or when no rule is decided by evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Option<Groups>>,
    /// What each signal was over a stored window before the release, one per signal; only in the block that brings it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub baseline: Vec<Option<f64>>,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sample {
    /// For ratio signals: events and bad events per arm. For success ratios the bad ones are those that are not good.
    Counts(Arms<Counts>),
    /// For count signals: how often it happened per arm. The exposure is the block's requests.
    Events(#[serde(deserialize_with = "arms_of_numbers")] Arms<f64>),
    /// For count signals with an exposure of their own.
    Exposed(Arms<Exposed>),
    /// For gauges, and for quantiles of a source without buckets: the value now, or over the signal's window; `None`
    /// on an arm without data.
    Values(Arms<Option<f64>>),
    /// For quantiles from classic histograms.
    Histogram(Box<Histogram>),
}

/// What one signal said on each of the control's groups of instances. An instance stays in its group for as long as
/// the instances are the same. The same kind as the signal's sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Groups {
    /// Beside [`Sample::Counts`].
    Counts(Vec<Counts>),
    /// Beside [`Sample::Events`] and [`Sample::Exposed`]; beside events the exposure is what the group's instances
    /// counted as requests.
    Exposed(Vec<Exposed>),
    /// Beside [`Sample::Values`].
    Values(Vec<Option<f64>>),
    /// Beside [`Sample::Histogram`]: increments per bucket.
    Histogram(Vec<Vec<u64>>),
}

/// How often something happened, and over how much it could have.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exposed {
    /// Sessions, user-hours, requests; not negative.
    #[serde(deserialize_with = "number")]
    pub exposure: f64,
    /// How often it happened; may exceed the exposure.
    #[serde(deserialize_with = "number")]
    pub events: f64,
}

/// A classic histogram's increments since the previous block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// Upper bounds of the buckets, growing; the last bucket, up to infinity, has none.
    #[serde(deserialize_with = "numbers")]
    pub bounds: Vec<f64>,
    /// Observations per bucket (not cumulative), one more than bounds. Both arms over the same time.
    pub counts: Arms<Vec<u64>>,
    /// The quantile over the signal's window; `None` on an arm without data.
    pub values: Arms<Option<f64>>,
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

// JSON has no NaN and no infinity: both are written as `null`. A block that holds one must be readable again, or the
// release could not be replayed; it is read as NaN, and refused when it is shown to a signal.

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

fn numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let numbers = Vec::<Option<f64>>::deserialize(deserializer)?;
    Ok(numbers.into_iter().map(|number| number.unwrap_or(f64::NAN)).collect())
}

fn arms_of_numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arms<f64>, D::Error> {
    let Arms { canary, control } = Arms::<Option<f64>>::deserialize(deserializer)?;
    Ok(Arms { canary: canary.unwrap_or(f64::NAN), control: control.unwrap_or(f64::NAN) })
}
