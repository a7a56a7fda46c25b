//! One signal's rule watched: what speaks against the candidate and what speaks for it, and how far to trust it.

use serde::{Deserialize, Serialize};

use super::{GroupCounts, Observation, TestConfig, TestState, precision::Precision};
use crate::{
    absorbed::{Absorbed, Refused},
    guard::GuardConfig,
    interval::Interval,
    stored::{self, Version},
};

/// The frozen parameters of everything that is computed for one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchConfig {
    /// Evidence that the candidate is worse than tolerated.
    pub harm: TestConfig,
    /// Evidence that it is not: the null reversed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety: Option<TestConfig>,
    /// The comparison of the control's instances with each other; of no use for tests of one arm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<GuardConfig>,
    /// The least overdispersion assumed, at least 1; 1 for plain counts.
    pub dispersion: f64,
}

/// A larger overdispersion counts as this one.
const DISPERSION_MAX: f64 = 1e9;

impl WatchConfig {
    /// The least overdispersion that is used: anything below 1, or no number, counts as 1.
    pub(super) fn least_dispersion(&self) -> f64 {
        if self.dispersion >= 1.0 { self.dispersion.min(DISPERSION_MAX) } else { 1.0 }
    }
}

/// Everything computed for one rule so far. Its size does not grow with the blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchState {
    version: Version,
    last_seq: Option<u64>,
    harm: TestState,
    safety: Option<TestState>,
    precision: Precision,
    /// The overdispersion factor of the last block.
    #[serde(deserialize_with = "stored::finite")]
    phi: f64,
}

impl WatchState {
    /// Nothing was seen yet.
    pub fn new(config: &WatchConfig) -> Self {
        Self {
            version: Version,
            last_seq: None,
            harm: TestState::new(&config.harm),
            safety: config.safety.as_ref().map(TestState::new),
            precision: Precision::new(config),
            phi: config.least_dispersion(),
        }
    }

    /// Takes in one block. `seq` must grow; a number not above the last one is ignored. `groups` is what the control's
    /// groups of instances said apart in the same block.
    ///
    /// # Errors
    /// [`Refused`] by the test for harm, or by the one for safety; nothing has changed then.
    pub fn update(
        &mut self,
        config: &WatchConfig,
        seq: u64,
        observation: &Observation<'_>,
        groups: &GroupCounts<'_>,
    ) -> Result<Absorbed, Refused> {
        self.check(config, observation)?;
        if self.is_old(seq) {
            return Ok(Absorbed::Ignored);
        }
        self.last_seq = Some(seq);
        let factors = self.precision.noise().factors(config, observation, groups);
        let phi = factors.first();
        if phi.is_finite() {
            self.phi = phi;
        }
        self.precision.absorb(config, &self.harm, observation, phi);
        self.precision.learn(config, &self.harm, groups);
        if let (Some(safety), Some(config)) = (&mut self.safety, &config.safety) {
            // Its edges need not be those of harm.
            safety.take(config, seq, observation, &[factors.largest()]);
        }
        Ok(self.harm.take(&config.harm, seq, observation, factors.of_edges()))
    }

    /// Takes in a block that is no evidence, because the candidate has just been started: only what is said about the
    /// control is learnt.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn warm_up(
        &mut self,
        config: &WatchConfig,
        seq: u64,
        observation: &Observation<'_>,
        groups: &GroupCounts<'_>,
    ) -> Result<Absorbed, Refused> {
        self.check(config, observation)?;
        if self.is_old(seq) {
            return Ok(Absorbed::Ignored);
        }
        self.last_seq = Some(seq);
        self.precision.learn(config, &self.harm, groups);
        self.harm.learn(&config.harm, observation);
        if let (Some(safety), Some(config)) = (&mut self.safety, &config.safety) {
            safety.learn(config, observation);
        }
        Ok(Absorbed::Nothing)
    }

    /// Evidence of harm.
    pub fn harm(&self) -> &TestState {
        &self.harm
    }

    /// Evidence of safety, when it is looked for.
    pub fn safety(&self) -> Option<&TestState> {
        self.safety.as_ref()
    }

    /// The natural logarithm of the strongest evidence so far that the control's instances differ from each other;
    /// compare it with `ln(1 / guard)`. `None` without a guard, and before two groups were seen.
    pub fn guard_log_e(&self) -> Option<f64> {
        self.precision.noise().guard_peak()
    }

    /// Whether what is seen may be an instance that differs for good, so that it must not send a release back: the guard's
    /// evidence has reached `log_bar`, `ln(1 / guard)`, and the effect is not beyond what the control's own instances
    /// differ by: twice the range of four groups (on a log scale; 3.5 times that of three, 19 times that of two) on top of what is
    /// tolerated. Instances always differ by a little, which a busy service shows without any doubt; that must not
    /// excuse ten times the errors.
    pub fn distrusts(&self, log_bar: f64) -> bool {
        let alarmed = self.guard_log_e().is_some_and(|log_e| log_e >= log_bar);
        alarmed && !self.precision.is_beyond_instances()
    }

    /// The overdispersion factor that the last block was tempered with.
    pub fn dispersion(&self) -> f64 {
        self.phi
    }

    /// The anytime-valid interval of [`TestState::estimate`] at error probability `alpha`: over the whole life of the
    /// release it contains the true effect with probability at least `1 - alpha`, if that does not change. An end that is
    /// `None` is unbounded. `None` when the test has no interval or nothing was seen.
    pub fn interval(&self, alpha: f64) -> Option<Interval> {
        let is_probability = alpha > 0.0 && alpha < 1.0;
        if is_probability && self.harm.estimate().is_some() { self.precision.interval(alpha) } else { None }
    }

    fn check(&self, config: &WatchConfig, observation: &Observation<'_>) -> Result<(), Refused> {
        self.harm.check(&config.harm, observation)?;
        self.precision.check(config)?;
        match (&self.safety, &config.safety) {
            (Some(safety), Some(config)) => safety.check(config, observation),
            (None, None) => Ok(()),
            (Some(_), None) | (None, Some(_)) => Err(Refused::Damaged),
        }
    }

    fn is_old(&self, seq: u64) -> bool {
        self.last_seq.is_some_and(|last| seq <= last)
    }
}
