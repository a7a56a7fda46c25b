//! How sure to be: the interval, the overdispersion, and whether the control's instances are alike.

use serde::{Deserialize, Serialize};

use super::{GroupCounts, Observation, TestConfig, WatchConfig};
use crate::{
    absorbed::Refused,
    dispersion::Dispersion,
    guard::Guard,
    interval::{Interval, OneArm, Ratio},
};

/// What is kept beside the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Precision {
    interval: Likelihood,
    dispersion: Dispersion,
    guard: Option<Guard>,
}

/// What intervals are computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Likelihood {
    Ratio(Ratio),
    OneArm(OneArm),
    None,
}

impl Precision {
    pub(super) fn new(config: &WatchConfig) -> Self {
        let interval = match &config.harm {
            TestConfig::RateRatio(_) | TestConfig::TwoSample(_) => Likelihood::Ratio(Ratio::new()),
            TestConfig::Absolute(config) => Likelihood::OneArm(OneArm::share(config.limit())),
            TestConfig::RareRate(config) => Likelihood::OneArm(OneArm::rate(config.baseline())),
            TestConfig::SignFlip(_) => Likelihood::None,
        };
        let guard = config.guard.as_ref().map(Guard::new);
        Self { interval, dispersion: Dispersion::new(), guard }
    }

    pub(super) fn check(&self, config: &WatchConfig) -> Result<(), Refused> {
        match (&self.guard, &config.guard) {
            (Some(guard), Some(config)) => guard.check(config),
            (None, None) => Ok(()),
            (Some(_), None) | (None, Some(_)) => Err(Refused::Damaged),
        }
    }

    /// The factor for a block: from earlier blocks, and from how much there was in this one, but not from what
    /// happened. Infinite for the first block in which groups are told apart: it teaches and proves nothing.
    pub(super) fn phi(
        &self,
        config: &WatchConfig,
        observation: &Observation<'_>,
        groups: &GroupCounts<'_>,
    ) -> f64 {
        let least = config.dispersion.max(1.0);
        let Observation::Counts { canary, control } = *observation else {
            return least;
        };
        let Some(rate) = self.dispersion.rate() else {
            return if groups.counts().is_some() { f64::INFINITY } else { least };
        };
        least.max(match &config.harm {
            TestConfig::RateRatio(config) => {
                self.dispersion.against_control((1.0 + config.margin()) * rate * canary.n, rate * control.n)
            }
            TestConfig::TwoSample(config) => {
                // A share that is not small varies less by itself, so that a wobble of its own weighs more.
                let odds = rate / (1.0 - rate).max(1e-3);
                self.dispersion.against_control((1.0 + config.margin()) * odds * canary.n, odds * control.n)
            }
            TestConfig::Absolute(config) => self.dispersion.alone(config.limit() * canary.n),
            TestConfig::RareRate(config) => {
                self.dispersion.alone((1.0 + config.margin()) * config.baseline() * canary.n)
            }
            TestConfig::SignFlip(_) => least,
        })
    }

    /// Takes in what a block says about the effect.
    pub(super) fn absorb(&mut self, observation: &Observation<'_>, phi: f64) {
        let Observation::Counts { canary, control } = *observation else {
            return;
        };
        match &mut self.interval {
            Likelihood::Ratio(ratio) => ratio.absorb((canary, control), phi),
            Likelihood::OneArm(arm) => arm.absorb(canary, phi),
            Likelihood::None => {}
        }
    }

    /// Takes in what a block says about the control's instances.
    pub(super) fn learn(&mut self, config: &WatchConfig, groups: &GroupCounts<'_>) {
        let Some((groups, count)) = groups.counts() else {
            return;
        };
        if let (Some(guard), Some(config)) = (&mut self.guard, &config.guard) {
            guard.absorb(config, &groups, count, &self.dispersion);
        }
        let bernoulli = matches!(config.harm, TestConfig::TwoSample(_));
        self.dispersion.learn(&groups, bernoulli);
    }

    pub(super) fn guard_log_e(&self) -> Option<f64> {
        self.guard.as_ref().and_then(Guard::log_e_peak)
    }

    pub(super) fn interval(&self, alpha: f64) -> Option<Interval> {
        match &self.interval {
            Likelihood::Ratio(ratio) => Some(ratio.interval(alpha)),
            Likelihood::OneArm(arm) => Some(arm.interval(alpha)),
            Likelihood::None => None,
        }
    }
}
