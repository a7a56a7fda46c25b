//! What the signals and their rules say.

use ripcord_model::{SignalName, Timestamp, blueprint::Harm};
use serde::{Deserialize, Serialize};

use crate::evidence::RuleDetail;

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
    /// Why its last sample could not be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unusable: Option<String>,
    /// What it was over a stored window before the release, where a rule compares with that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
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
    /// For evidence, everything else there is to say; for a threshold that says nothing, why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Box<RuleDetail>>,
}
