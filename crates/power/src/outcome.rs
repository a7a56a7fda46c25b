//! What is found: plain data for the screen and for machines.

use ripcord_model::{Duration, Share, SignalName};
use serde::Serialize;

use crate::{Load, Proposal, Warning};

/// What a plan can see under a load.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Power {
    /// The load.
    pub load: Load,
    /// At the beginning of the release this long is no evidence; it counts in every time of the first stage.
    pub warm_up: Duration,
    /// What to mind, the worst first.
    pub warnings: Vec<Warning>,
    /// One per evidence rule about which something can be said.
    pub rules: Vec<RulePower>,
    /// The evidence rules about which nothing can be said.
    pub unknown: Vec<Unknown>,
    /// The expected number of bad answers that a regression causes with the plan's own stages.
    pub harm: Option<f64>,
    /// Stages that harm fewer users, if there are any.
    pub proposal: Option<Proposal>,
}

/// What one evidence rule can see.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RulePower {
    /// Its signal.
    pub signal: SignalName,
    /// As it is written: `worse than control by 20%`.
    pub rule: String,
    /// What it leads to.
    pub leads_to: LeadsTo,
    /// What is counted as bad.
    pub bad: Bad,
    /// Events per second over both arms.
    pub events_per_second: f64,
    /// Bad events per event while nothing is wrong.
    pub base_rate: f64,
    /// The evidence that is enough, as its natural logarithm.
    pub log_bar: f64,
    /// One per stage of the plan.
    pub stages: Vec<StagePower>,
}

/// What an evidence rule leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeadsTo {
    /// The release goes back.
    Rollback,
    /// It is contained.
    Contain,
    /// It holds.
    Hold,
}

/// What is counted as bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bad {
    /// Bad events of a ratio, or events that are not good.
    Events,
    /// Answers slower than the edge that this quantile has while nothing is wrong.
    SlowAnswers,
    /// Happenings of a count.
    Happenings,
}

/// What one rule can see in one stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StagePower {
    /// Counted from 1.
    pub stage: usize,
    /// The candidate's share.
    pub share: Share,
    /// How long the stage lasts at least.
    pub dwell: Duration,
    /// One per size of a regression, [`crate::EFFECTS`].
    pub regressions: Vec<RegressionPower>,
    /// Whether the stage can show that nothing is wrong.
    pub safety: Safety,
}

/// How a regression that begins with the stage is seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegressionPower {
    /// How many times as often bad things happen.
    pub times: f64,
    /// How it is seen.
    pub sight: Sight,
}

/// How a regression is seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Sight {
    /// As was simulated.
    Simulated(Delay),
    /// Nothing to compare with: at 100 % no control is left.
    NoControl,
    /// The rule tolerates it.
    Tolerated,
    /// More than everything would be bad.
    Impossible,
    /// No test could see it within [`crate::SIGHT_MAX`]; nothing was simulated.
    OutOfReach {
        /// What any test needs at least on average, in seconds.
        floor_seconds: f64,
    },
}

/// The time from the beginning of a stage, were it as long as needed, until a regression that begins with it is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Delay {
    /// The chance that it is noticed before the stage's own time is over, 0 to 1.
    pub within_dwell: f64,
    /// Expected; `None` when some runs did not notice it however long they lasted.
    pub mean_seconds: Option<f64>,
    /// 95 of 100 are faster; `None` when more than 5 of 100 did not notice it however long they lasted.
    pub p95_seconds: Option<f64>,
    /// Expected requests answered by the candidate until then.
    pub requests: Option<f64>,
    /// Expected bad events of the candidate until then.
    pub bad: Option<f64>,
    /// Those among them that the regression causes.
    pub caused: Option<f64>,
    /// What any test with this error rate needs at least on average: `ln(1/alpha) / D`.
    pub floor_seconds: f64,
}

/// Whether a stage can show that nothing is wrong, when nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Safety {
    /// The rule tolerates nothing, so nothing can ever be shown to be tolerable.
    NoMargin,
    /// Of a quantile it depends on how many answers lie between its edge and the edge that is tolerated.
    NotSaid,
    /// As was simulated.
    Simulated {
        /// The chance that there is enough evidence when the stage's time is over, with what earlier stages brought.
        by_end: f64,
        /// Expected time were the stage as long as needed; `None` when it adds no evidence, or not always enough.
        mean_seconds: Option<f64>,
    },
}

/// An evidence rule about which nothing can be said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unknown {
    /// Its signal.
    pub signal: SignalName,
    /// As it is written.
    pub rule: String,
    /// Why.
    pub why: WhyUnknown,
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyUnknown {
    /// How a gauge moves by itself is only known from its history.
    Gauge,
    /// How often it happens while nothing is wrong was not said.
    NoBase,
    /// Nothing bad happened while it was measured; a multiple of nothing is nothing.
    NothingBad,
    /// The limit is below what is normal: the rule fires without a regression.
    AlreadyOver,
    /// With this base and margin there is nothing worse to look for.
    NoTest,
}
