//! The evidence of one test so far.

use serde::{Deserialize, Serialize};

use super::{
    Observation, TestConfig,
    test::{Test, histogram},
};
use crate::{
    absorbed::{Absorbed, Refused},
    exposure::Exposure,
    fingerprint::Fingerprint,
    latency::{Edge, Latency},
    progress::Progress,
};

/// The evidence of one test so far, whichever it is. Its size does not grow with the blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestState {
    progress: Progress,
    test: Test,
}

impl TestState {
    /// No evidence yet: `log_e` is 0.
    pub fn new(config: &TestConfig) -> Self {
        Self { progress: Progress::new(config.fingerprint()), test: Test::new(config) }
    }

    /// Takes in one block. `seq` must grow; a number not above the last one is ignored, so replays are harmless.
    ///
    /// `phi` is how many times as much as independent events the counts vary, as it was known before this block; the
    /// log increment is divided by it, which is an approximation. Below 1, or not a number, it counts as 1.
    ///
    /// # Errors
    /// [`Refused`] when `config` is not what the state was made with, or when the observation is not what the test
    /// takes or not usable. Nothing has changed then.
    pub fn update(
        &mut self,
        config: &TestConfig,
        seq: u64,
        observation: &Observation<'_>,
        phi: f64,
    ) -> Result<Absorbed, Refused> {
        self.check(config, observation)?;
        Ok(self.take(config, seq, observation, &[phi]))
    }

    /// Refuses what [`Self::update`] refuses.
    pub(super) fn check(&self, config: &TestConfig, observation: &Observation<'_>) -> Result<(), Refused> {
        self.progress.check(config.fingerprint())?;
        self.test.check(config, observation)
    }

    /// Takes in a block that was checked; `phis` as in [`Test::absorb`].
    pub(super) fn take(
        &mut self,
        config: &TestConfig,
        seq: u64,
        observation: &Observation<'_>,
        phis: &[f64],
    ) -> Absorbed {
        let test = &mut self.test;
        self.progress.take(seq, |block| test.absorb(config, block, observation, phis))
    }

    /// Learns from a block that was checked and is no evidence.
    pub(super) fn learn(&mut self, config: &TestConfig, observation: &Observation<'_>) {
        self.test.learn(config, self.progress.blocks(), observation);
    }

    /// The natural logarithm of the evidence (e-value) now.
    pub fn log_e(&self) -> f64 {
        self.progress.log_e()
    }

    /// The largest [`Self::log_e`] so far, at least 0; by Ville's inequality it may be compared with `ln(1 / alpha)` as
    /// well.
    pub fn log_e_peak(&self) -> f64 {
        self.progress.log_e_peak()
    }

    /// The number of the block at which the evidence was lowest: the best single guess of when harm began. `None`
    /// before any block counted.
    pub fn harm_began(&self) -> Option<u64> {
        self.progress.harm_began()
    }

    /// Sums over all blocks that counted: the canary's, the control's (nothing for tests of one arm); for latency, at the
    /// first edge. `None` for tests of values and differences, and while no edge is chosen.
    pub fn totals(&self) -> Option<(Exposure, Exposure)> {
        self.test.totals()
    }

    /// The estimated effect over all blocks that counted: canary over control for tests of two arms (of gauges, the mean
    /// over batches; of latency, the share of slow requests at the first edge), the canary's rate for tests of one, the mean
    /// for differences. `None` when that cannot be computed yet.
    pub fn estimate(&self) -> Option<f64> {
        self.test.estimate()
    }

    pub(super) fn latency(&self) -> Option<&Latency> {
        self.test.latency()
    }

    /// For latency: what a block says at the first edge.
    pub(super) fn at_first_edge(&self, observation: &Observation<'_>) -> Option<(Exposure, Exposure)> {
        self.latency()?.at_first_edge(histogram(observation).ok()?)
    }

    /// For latency: what is known at each edge, the signal's own first; none while edges are not chosen yet.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.test.latency().into_iter().flat_map(Latency::edges)
    }

    /// How many blocks were taken in.
    pub fn blocks(&self) -> u64 {
        self.progress.blocks()
    }

    /// The number of the last block taken in.
    pub fn last_seq(&self) -> Option<u64> {
        self.progress.last_seq()
    }

    /// The parameters it was made with.
    pub fn config(&self) -> Fingerprint {
        self.progress.config()
    }
}
