//! The compiled way back: one value, executed in staging and in production by the same code.

use serde::{Deserialize, Serialize};

use super::AcceptedRisk;
use crate::{ChangeClass, Duration, Level, Person, Reversibility, SignalName};

/// One part of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The author's name for it.
    pub id: String,
    /// What it touches.
    pub class: ChangeClass,
    /// What it does.
    pub summary: String,
    /// How far it can be undone.
    pub reversibility: Reversibility,
    /// The level its rollback needs; absent for a one-way change.
    pub level: Option<Level>,
    /// The flag that switches it, for level `flag`.
    pub flag: Option<String>,
    /// How long its rollback may take.
    pub budget: Option<Duration>,
    /// Who answers for its rollback.
    pub owner: Person,
    /// Roles that may trigger it.
    pub trigger_by: Vec<String>,
    /// What limits the damage where full rollback is impossible.
    pub contain: Option<String>,
    /// The signals that watch it; all of the release's where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<SignalName>,
    /// Who accepted that there is no way back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_risk: Option<AcceptedRisk>,
}

/// How a release goes back, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WayBack {
    /// The highest level any change needs.
    pub level: Level,
    /// The sum of what the steps may take.
    pub budget: Duration,
    /// How long recovery must be seen before the rollback counts as verified.
    pub recovery: Duration,
    /// The steps, executed one after the other; steps with `stops_bleeding` come first.
    pub steps: Vec<WayBackStep>,
}

/// One step of the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WayBackStep {
    /// Unique within the way back: `flag-exam-submit-v2`, `traffic`, `withdraw`, `recovery`.
    pub id: String,
    /// The level it belongs to.
    pub level: Level,
    /// What it does.
    pub action: WayBackAction,
    /// How long it may take.
    pub budget: Duration,
    /// Whether the bleeding stops by this step.
    pub stops_bleeding: bool,
}

/// What a step of the way back does. Every action is a desired state and may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayBackAction {
    /// The flag is off.
    FlagOff {
        /// The flag's key.
        flag: String,
    },
    /// All traffic goes to last good, read back from the router.
    TrafficToLastGood,
    /// The candidate does not run any more; its open requests have ended or run out of time.
    WithdrawCandidate,
    /// The migrations of a change are undone. Needs approval.
    UndoMigration {
        /// The change.
        change: String,
    },
    /// The data of a change is restored. Needs approval.
    RestoreData {
        /// The change.
        change: String,
    },
    /// Probes pass on last good and no signal is beyond its limits for the recovery time.
    VerifyRecovery,
}
