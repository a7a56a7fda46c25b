//! Signals and their rules, parsed.

use serde::{Deserialize, Serialize};

use crate::{Duration, SignalName};

/// A measured quantity with a harm and rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Its name.
    pub name: SignalName,
    /// Whom it hurts when it goes wrong.
    pub harm: Harm,
    /// What is measured.
    pub measure: Measure,
    /// The label that tells the variants apart, when it is not the source's own; its values are the versions' names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_label: Option<String>,
    /// The trailing window over which a value is computed.
    pub window: Duration,
    /// Any of these sends the release back.
    pub rollback: Vec<Rule>,
    /// Any of these contains it.
    pub contain: Vec<Rule>,
    /// Any of these stops forward motion while it lasts.
    pub hold: Vec<Rule>,
}

impl Signal {
    /// All its rules: those that send back, those that contain, those that hold.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rollback.iter().chain(&self.contain).chain(&self.hold)
    }
}

/// Whom a signal hurts when it goes wrong.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Harm {
    /// The people who use the service.
    User,
    /// The machines and the people who run them.
    System,
    /// The business.
    Business,
}

/// What is measured. Selectors are Prometheus series selectors: `name{label="value"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Bad events among all, both counters.
    Ratio {
        /// Counter of the bad events.
        bad: String,
        /// Counter of all events.
        all: String,
    },
    /// Good events among all, both counters: a success ratio, of which less is worse.
    Success {
        /// Counter of the good events.
        good: String,
        /// Counter of all events.
        all: String,
    },
    /// A quantile of a classic histogram, in the histogram's unit.
    Quantile {
        /// The histogram's base name with optional labels.
        histogram: String,
        /// Between 0 and 1, exclusive.
        q: f64,
    },
    /// How often something happened: a counter.
    Count {
        /// The counter.
        counter: String,
        /// The counter of what it is compared per (sessions, user-hours); requests by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        per: Option<String>,
    },
    /// A value that goes up and down; instances are averaged.
    Gauge {
        /// The gauge.
        gauge: String,
    },
}

/// A rule on a signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Exactly what it says, deterministic, no statistics.
    Threshold(Condition),
    /// Evidence that the canary is worse than control by more than `margin` (0.2 for 20 %).
    WorseThanControl {
        /// The tolerated relative margin, at least 0.
        margin: f64,
    },
    /// Evidence that the canary is worse by more than `margin` than the same signal was over a stored window before
    /// the release.
    WorseThanBaseline {
        /// The tolerated relative margin, at least 0.
        margin: f64,
    },
    /// Evidence that the canary's rate is above a fixed limit, whatever the control does: `over 1%`.
    Over {
        /// The tolerated rate.
        limit: Quantity,
    },
}

impl Rule {
    /// Whether it is decided by evidence with an error rate, not by a plain comparison.
    pub const fn is_evidence(&self) -> bool {
        match self {
            Self::Threshold(_) => false,
            Self::WorseThanControl { .. } | Self::WorseThanBaseline { .. } | Self::Over { .. } => true,
        }
    }

    /// Whether it compares with what the signal was before the release.
    pub const fn needs_baseline(&self) -> bool {
        match self {
            Self::Threshold(condition) => matches!(condition.limit, Limit::TimesBaseline(_)),
            Self::WorseThanBaseline { .. } => true,
            Self::WorseThanControl { .. } | Self::Over { .. } => false,
        }
    }
}

/// `above 5% for 5m`, `below 10 for 1m`, `above 2x control for 3m`, `above 3 in 30m`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Which side is bad.
    pub direction: Direction,
    /// What the value is compared with.
    pub limit: Limit,
    /// How long, or within what.
    pub sustain: Sustain,
}

/// Which side of the limit is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Larger is worse.
    Above,
    /// Smaller is worse.
    Below,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// A fixed number.
    Absolute(Quantity),
    /// A multiple of the control's value over the same window.
    TimesControl(f64),
    /// A multiple of what the signal was over a stored window before the release.
    TimesBaseline(f64),
}

/// A number with its unit as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Written with `%`; 5 % is `Percent(5.0)` and compares as 0.05.
    Percent(f64),
    /// A plain number.
    Number(f64),
    /// A duration such as `300ms`, compared in seconds.
    Time(Duration),
}

/// How long a condition must last, or within what an amount must be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sustain {
    /// At every sample for this long.
    For(Duration),
    /// Summed over this trailing window.
    In(Duration),
}

impl Quantity {
    /// The number a sample is compared with: a fraction, a plain number, or seconds.
    pub fn value(self) -> f64 {
        match self {
            Self::Percent(percent) => percent / 100.0,
            Self::Number(number) => number,
            Self::Time(duration) => duration.as_secs_f64(),
        }
    }
}
