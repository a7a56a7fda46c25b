//! A share of unknown size: the rate ratio while bad events are rare, the two-sample test where they are not.
//!
//! Which of the two judges a block is decided by the control's share over all earlier blocks: below 10 % the rate ratio
//! ([`crate::rate_ratio`]), which is as good there and finds a late change quickly, at and above the two-sample test
//! ([`crate::two_sample`]), which the rate ratio falls behind of. Each block multiplies the wealth of exactly one, chosen
//! before it was seen; so the product of both is an e-process for the null they share, `p_c <= (1 + d) p_t`. Before
//! anything is known the rate ratio judges: it is valid for every share.

use serde::{Deserialize, Serialize};

use crate::{
    absorbed::Refused,
    bank::Start,
    exposure::Exposure,
    fingerprint::Fingerprint,
    invalid::InvalidConfig,
    product,
    rate_ratio::{RateRatio, RateRatioConfig},
    stored,
    two_sample::{Direction, TwoSample, TwoSampleConfig},
};

/// The frozen parameters of a test of a share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct ProportionConfig {
    frozen: Frozen,
    fingerprint: Fingerprint,
}

/// The serialised form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    rare: RateRatioConfig,
    common: TwoSampleConfig,
    common_from: f64,
}

impl ProportionConfig {
    /// Both tests, about the same margin and direction, and the share of the control from which the second judges.
    ///
    /// # Errors
    /// [`InvalidConfig`] names the parameter that is not usable.
    pub fn new(
        rare: RateRatioConfig,
        common: TwoSampleConfig,
        common_from: f64,
    ) -> Result<Self, InvalidConfig> {
        let direction = if rare.bets()[0] > 1.0 { Direction::Worse } else { Direction::Better };
        if rare.margin() != common.margin() || direction != common.direction() {
            return Err(InvalidConfig::Disagree);
        }
        if !(common_from > 0.0 && common_from < 1.0) {
            return Err(InvalidConfig::Limit(common_from));
        }
        let marked = Fingerprint::of("proportion").with(rare.fingerprint()).with(common.fingerprint());
        let fingerprint = marked.with_f64(common_from);
        Ok(Self { frozen: Frozen { rare, common, common_from }, fingerprint })
    }

    /// Evidence that the canary is worse than `1 + margin` times the control, with the product's own numbers.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn harm(margin: f64, start: Start) -> Result<Self, InvalidConfig> {
        let (rare, common) = (RateRatioConfig::harm_from(margin, start)?, TwoSampleConfig::harm(margin)?);
        Self::new(rare, common, product::COMMON_FROM)
    }

    /// Evidence that it is better.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn safety(margin: f64) -> Result<Self, InvalidConfig> {
        let (rare, common) = (RateRatioConfig::safety(margin)?, TwoSampleConfig::safety(margin)?);
        Self::new(rare, common, product::COMMON_FROM)
    }

    /// The tolerated relative margin.
    pub fn margin(&self) -> f64 {
        self.frozen.rare.margin()
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl TryFrom<Frozen> for ProportionConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        Self::new(frozen.rare, frozen.common, frozen.common_from)
    }
}

impl From<ProportionConfig> for Frozen {
    fn from(config: ProportionConfig) -> Self {
        config.frozen
    }
}

/// Wealth of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proportion {
    rare: RateRatio,
    #[serde(deserialize_with = "stored::finite")]
    log_rare: f64,
    common: TwoSample,
    /// What the control said before any evidence was taken.
    before: Exposure,
}

impl Proportion {
    pub(crate) fn new(config: &ProportionConfig) -> Self {
        let rare = RateRatio::new(&config.frozen.rare);
        Self { rare, log_rare: 0.0, common: TwoSample::new(), before: Exposure::default() }
    }

    pub(crate) fn check(&self, config: &ProportionConfig, arms: (Exposure, Exposure)) -> Result<(), Refused> {
        self.rare.check(&config.frozen.rare, arms)?;
        TwoSample::check(arms)
    }

    /// Takes in block `block`, counted from 0, which was checked; answers the natural logarithm of the evidence, or
    /// `None` when an arm had no events.
    pub(crate) fn absorb(
        &mut self,
        config: &ProportionConfig,
        block: u64,
        arms: (Exposure, Exposure),
        phi: f64,
    ) -> Option<f64> {
        let Frozen { rare, common, .. } = &config.frozen;
        if self.is_common(config) {
            self.rare.pass(rare, block);
            self.common.absorb(common, arms, phi)?;
        } else {
            self.log_rare = self.rare.absorb(rare, block, arms, phi)?;
            self.common.learn(arms.0, arms.1);
        }
        Some(self.log_rare + self.common.log_wealth())
    }

    /// Learns the control's share from a block that is no evidence.
    pub(crate) fn learn(&mut self, control: Exposure) {
        self.before = self.before.plus(control);
    }

    /// Whether the two-sample test judges the next block.
    fn is_common(&self, config: &ProportionConfig) -> bool {
        let past = self.common.totals().1.plus(self.before);
        past.rate().is_some_and(|rate| rate >= config.frozen.common_from)
    }

    pub(crate) fn totals(&self) -> (Exposure, Exposure) {
        self.common.totals()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_is_judged_by_the_test_that_fits_what_was_seen_before() {
        let config = ProportionConfig::harm(0.1, Start::Plain).unwrap();
        let (mut both, mut rare) = (Proportion::new(&config), RateRatio::new(&config.frozen.rare));
        let mut common = TwoSample::new();
        let arms = |bad: f64| (Exposure::new(100.0, bad + 2.0), Exposure::new(900.0, 9.0 * bad));
        // Rare at first, then mostly bad: from the block after the share is above a tenth the other test judges.
        let mut seen = Exposure::default();
        let mut switched = 0;
        for (block, bad) in [2.0, 3.0, 2.0, 40.0, 45.0, 50.0, 40.0].into_iter().enumerate() {
            let is_common = seen.rate().is_some_and(|rate| rate >= 0.1);
            switched += u32::from(is_common);
            let log_e = both.absorb(&config, block as u64, arms(bad), 1.0).unwrap();
            if is_common {
                rare.pass(&config.frozen.rare, block as u64);
                common.absorb(&config.frozen.common, arms(bad), 1.0).unwrap();
            } else {
                rare.absorb(&config.frozen.rare, block as u64, arms(bad), 1.0).unwrap();
                common.learn(arms(bad).0, arms(bad).1);
            }
            assert!((log_e - both.log_rare - common.log_wealth()).abs() < 1e-12);
            seen = seen.plus(arms(bad).1);
        }
        assert_eq!(switched, 3);
        assert!(common.log_wealth() != 0.0 && both.log_rare != 0.0);
    }

    #[test]
    fn what_was_learnt_before_decides_from_the_first_block() {
        let config = ProportionConfig::harm(0.0, Start::Plain).unwrap();
        let mut test = Proportion::new(&config);
        assert!(!test.is_common(&config));
        test.learn(Exposure::new(100.0, 60.0));
        assert!(test.is_common(&config));
    }

    #[test]
    fn two_tests_of_different_questions_are_refused() {
        let rare = RateRatioConfig::harm(0.1).unwrap();
        let mixed = |common| ProportionConfig::new(rare.clone(), common, 0.1);
        assert_eq!(mixed(TwoSampleConfig::harm(0.2).unwrap()), Err(InvalidConfig::Disagree));
        assert_eq!(mixed(TwoSampleConfig::safety(0.1).unwrap()), Err(InvalidConfig::Disagree));
        let config = mixed(TwoSampleConfig::harm(0.1).unwrap()).unwrap();
        let read: ProportionConfig = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
        assert_eq!(read, config);
    }
}
