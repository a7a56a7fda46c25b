//! The evidence of one test so far.

use serde::{Deserialize, Serialize};

use super::{Observation, TestConfig};
use crate::{
    absolute::Absolute,
    absorbed::{Absorbed, Refused},
    exposure::Exposure,
    fingerprint::Fingerprint,
    progress::Progress,
    rare_rate::RareRate,
    rate_ratio::RateRatio,
    sign_flip::SignFlip,
    two_sample::TwoSample,
};

/// The evidence of one test so far, whichever it is. Its size does not grow with the blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestState {
    progress: Progress,
    test: Test,
}

/// What each test remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Test {
    RateRatio(RateRatio),
    TwoSample(TwoSample),
    Absolute(Absolute),
    RareRate(RareRate),
    SignFlip(SignFlip),
}

impl TestState {
    /// No evidence yet: `log_e` is 0.
    pub fn new(config: &TestConfig) -> Self {
        let test = match config {
            TestConfig::RateRatio(config) => Test::RateRatio(RateRatio::new(config)),
            TestConfig::TwoSample(_) => Test::TwoSample(TwoSample::new()),
            TestConfig::Absolute(config) => Test::Absolute(Absolute::new(config)),
            TestConfig::RareRate(config) => Test::RareRate(RareRate::new(config)),
            TestConfig::SignFlip(config) => Test::SignFlip(SignFlip::new(config)),
        };
        Self { progress: Progress::new(config.fingerprint()), test }
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
        Ok(self.take(config, seq, observation, phi))
    }

    /// Refuses what [`Self::update`] refuses.
    pub(crate) fn check(&self, config: &TestConfig, observation: &Observation<'_>) -> Result<(), Refused> {
        self.progress.check(config.fingerprint())?;
        self.test.check(config, observation)
    }

    /// Takes in a block that was checked.
    pub(crate) fn take(
        &mut self,
        config: &TestConfig,
        seq: u64,
        observation: &Observation<'_>,
        phi: f64,
    ) -> Absorbed {
        let (test, phi) = (&mut self.test, phi.max(1.0));
        self.progress.take(seq, |block| test.absorb(config, block, observation, phi))
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

    /// Sums over all blocks that counted: the canary's, the control's (nothing for tests of one arm). `None` for tests
    /// of values and differences.
    pub fn totals(&self) -> Option<(Exposure, Exposure)> {
        match &self.test {
            Test::RateRatio(test) => Some(test.totals()),
            Test::TwoSample(test) => Some(test.totals()),
            Test::Absolute(test) => Some((test.total(), Exposure::default())),
            Test::RareRate(test) => Some((test.total(), Exposure::default())),
            Test::SignFlip(_) => None,
        }
    }

    /// The estimated effect over all blocks that counted: canary over control for tests of two arms, the canary's rate
    /// for tests of one, the mean for differences. `None` when that cannot be computed yet.
    pub fn estimate(&self) -> Option<f64> {
        let ratio = |(canary, control): (Exposure, Exposure)| {
            control.rate().filter(|rate| *rate > 0.0).and_then(|rate| Some(canary.rate()? / rate))
        };
        match &self.test {
            Test::RateRatio(test) => ratio(test.totals()),
            Test::TwoSample(test) => ratio(test.totals()),
            Test::Absolute(test) => test.total().rate(),
            Test::RareRate(test) => test.total().rate(),
            Test::SignFlip(test) => test.mean(),
        }
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

impl Test {
    fn check(&self, config: &TestConfig, observation: &Observation<'_>) -> Result<(), Refused> {
        match (self, config) {
            (Self::RateRatio(test), TestConfig::RateRatio(config)) => {
                test.check(config, counts(observation)?)
            }
            (Self::TwoSample(_), TestConfig::TwoSample(_)) => TwoSample::check(counts(observation)?),
            (Self::Absolute(test), TestConfig::Absolute(config)) => {
                test.check(config, counts(observation)?.0)
            }
            (Self::RareRate(test), TestConfig::RareRate(config)) => {
                test.check(config, counts(observation)?.0)
            }
            (Self::SignFlip(test), TestConfig::SignFlip(config)) => {
                test.check(config, difference(observation)?)
            }
            // The fingerprint is the configuration's, what it belongs to is not: the state was damaged.
            (_, _) => Err(Refused::Damaged),
        }
    }

    /// What was checked is of the right kind; anything else says nothing.
    fn absorb(
        &mut self,
        config: &TestConfig,
        block: u64,
        observation: &Observation<'_>,
        phi: f64,
    ) -> Option<f64> {
        match (self, config) {
            (Self::RateRatio(test), TestConfig::RateRatio(config)) => {
                test.absorb(config, block, counts(observation).ok()?, phi)
            }
            (Self::TwoSample(test), TestConfig::TwoSample(config)) => {
                test.absorb(config, counts(observation).ok()?, phi)
            }
            (Self::Absolute(test), TestConfig::Absolute(config)) => {
                test.absorb(config, block, counts(observation).ok()?.0, phi)
            }
            (Self::RareRate(test), TestConfig::RareRate(config)) => {
                test.absorb(config, block, counts(observation).ok()?.0, phi)
            }
            (Self::SignFlip(test), TestConfig::SignFlip(config)) => {
                test.absorb(config, block, difference(observation).ok()?, phi)
            }
            (_, _) => None,
        }
    }
}

fn counts(observation: &Observation<'_>) -> Result<(Exposure, Exposure), Refused> {
    match *observation {
        Observation::Counts { canary, control } => Ok((canary, control)),
        Observation::Values { .. } | Observation::Buckets { .. } | Observation::Difference(_) => {
            Err(Refused::WrongKind { expected: "counts", got: observation.kind() })
        }
    }
}

fn difference(observation: &Observation<'_>) -> Result<f64, Refused> {
    match *observation {
        Observation::Difference(difference) => Ok(difference),
        Observation::Counts { .. } | Observation::Values { .. } | Observation::Buckets { .. } => {
            Err(Refused::WrongKind { expected: "a difference", got: observation.kind() })
        }
    }
}
