//! How sure to be: the interval, the overdispersion, and whether the control's instances are alike.

use serde::{Deserialize, Serialize};

use super::{GroupCounts, Observation, TestConfig, TestState, WatchConfig, noise::Noise};
use crate::{
    absorbed::Refused,
    guard::beyond::Beyond,
    interval::{Interval, OneArm, Ratio},
};

/// What is kept beside the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Precision {
    interval: Likelihood,
    beyond: Beyond,
    noise: Noise,
}

/// What intervals are computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Likelihood {
    Ratio(Ratio),
    OneArm(OneArm),
    None,
}

/// The evidence of the guard, as a natural logarithm, from which on it is asked what instances explain; well below any bar
/// of a guard.
const DOUBT: f64 = std::f64::consts::LN_2;

impl Precision {
    pub(super) fn new(config: &WatchConfig) -> Self {
        let interval = match &config.harm {
            TestConfig::RateRatio(_)
            | TestConfig::Proportion(_)
            | TestConfig::TwoSample(_)
            | TestConfig::Latency(_) => Likelihood::Ratio(Ratio::new()),
            TestConfig::Absolute(config) => Likelihood::OneArm(OneArm::share(config.limit())),
            TestConfig::RareRate(config) => Likelihood::OneArm(OneArm::rate(config.baseline())),
            TestConfig::SignFlip(_) | TestConfig::Gauge(_) => Likelihood::None,
        };
        Self { interval, beyond: Beyond::default(), noise: Noise::new(config) }
    }

    pub(super) fn check(&self, config: &WatchConfig) -> Result<(), Refused> {
        self.noise.check(config)
    }

    pub(super) fn noise(&self) -> &Noise {
        &self.noise
    }

    /// Takes in what a block says about the effect, tempered by `phi`; `harm` is the test before the block.
    pub(super) fn absorb(
        &mut self,
        config: &WatchConfig,
        harm: &TestState,
        observation: &Observation<'_>,
        phi: f64,
    ) {
        let at_edge = match *observation {
            Observation::Counts { canary, control } => Some((canary, control)),
            Observation::Buckets { .. } => harm.at_first_edge(observation),
            Observation::Values { .. } | Observation::Difference(_) => None,
        };
        let Some((canary, control)) = at_edge else {
            return;
        };
        // Before the guard has some evidence nothing needs to be told from its instances.
        let is_in_doubt = self.noise.guard_peak().is_some_and(|log_e| log_e > DOUBT);
        let guard = config.guard.as_ref().filter(|_| is_in_doubt);
        let explained = guard.and_then(|guard| self.noise.explains(guard));
        if let (Some(explained), Some(tolerated)) = (explained, config.harm.tolerated()) {
            self.beyond.absorb((canary, control), tolerated, explained, phi);
        }
        match &mut self.interval {
            Likelihood::Ratio(ratio) => ratio.absorb((canary, control), phi),
            Likelihood::OneArm(arm) => arm.absorb(canary, phi),
            Likelihood::None => {}
        }
    }

    /// Takes in what a block says about the control's instances; `harm` is the test before the block.
    pub(super) fn learn(&mut self, config: &WatchConfig, harm: &TestState, groups: &GroupCounts<'_>) {
        self.noise.learn(config, harm, groups);
    }

    /// Whether no difference between the control's instances explains what is seen.
    pub(super) fn is_beyond_instances(&self) -> bool {
        self.beyond.is_shown()
    }

    pub(super) fn interval(&self, alpha: f64) -> Option<Interval> {
        match &self.interval {
            Likelihood::Ratio(ratio) => Some(ratio.interval(alpha)),
            Likelihood::OneArm(arm) => Some(arm.interval(alpha)),
            Likelihood::None => None,
        }
    }
}
