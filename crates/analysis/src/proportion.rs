//! A share of unknown size: the rate ratio while bad events are rare, the two-sample test where they are not.
//!
//! Half of the wealth is always judged by the rate ratio ([`crate::rate_ratio`]), which is valid for every share and finds a
//! late change quickly. The other half changes sides: at first the rate ratio judges it, too, and a block before which
//! the control's share over all earlier blocks was 10 % or more is judged by the two-sample test
//! ([`crate::two_sample`]), which needs fewer events there, but learns from all that was and is late to notice a change.
//! Who judges is chosen before a block is seen, so either half is an e-process for the null they share,
//! `p_c <= (1 + d) p_t`, and so is their mean.

use serde::{Deserialize, Serialize};

use crate::{
    absorbed::Refused,
    bank::Start,
    exposure::Exposure,
    fingerprint::Fingerprint,
    invalid::InvalidConfig,
    log_space::log_add,
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
    /// Natural logarithms of what the rate ratio alone has made of the wealth, and of what both have made by turns.
    #[serde(deserialize_with = "stored::finite")]
    log_rare: f64,
    #[serde(deserialize_with = "stored::finite")]
    log_turns: f64,
    common: TwoSample,
    /// What the control said before any evidence was taken.
    before: Exposure,
}

impl Proportion {
    pub(crate) fn new(config: &ProportionConfig) -> Self {
        let rare = RateRatio::new(&config.frozen.rare);
        let (common, before) = (TwoSample::new(&config.frozen.common), Exposure::default());
        Self { rare, log_rare: 0.0, log_turns: 0.0, common, before }
    }

    pub(crate) fn check(&self, config: &ProportionConfig, arms: (Exposure, Exposure)) -> Result<(), Refused> {
        self.rare.check(&config.frozen.rare, arms)?;
        self.common.check(&config.frozen.common, arms)
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
        let (rare_before, common_before) = (self.log_rare, self.common.log_wealth());
        let is_common = self.is_common(config);
        self.log_rare = self.rare.absorb(rare, block, arms, phi)?;
        self.log_turns += if is_common {
            self.common.absorb(common, block, arms, phi)? - common_before
        } else {
            self.common.learn(arms.0, arms.1);
            self.log_rare - rare_before
        };
        Some(log_add(self.log_rare, self.log_turns) - std::f64::consts::LN_2)
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
        let mut common = TwoSample::new(&config.frozen.common);
        let arms = |bad: f64| (Exposure::new(100.0, bad + 2.0), Exposure::new(900.0, 9.0 * bad));
        // Rare at first, then mostly bad: from the block after the share is above a tenth the other test judges.
        let mut seen = Exposure::default();
        let (mut switched, mut last_rare) = (0, 0.0);
        for (block, bad) in [2.0, 3.0, 2.0, 40.0, 45.0, 50.0, 40.0].into_iter().enumerate() {
            let is_common = seen.rate().is_some_and(|rate| rate >= 0.1);
            switched += u32::from(is_common);
            let log_e = both.absorb(&config, block as u64, arms(bad), 1.0).unwrap();
            let alone = rare.absorb(&config.frozen.rare, block as u64, arms(bad), 1.0).unwrap();
            if is_common {
                common.absorb(&config.frozen.common, block as u64, arms(bad), 1.0).unwrap();
            } else {
                common.learn(arms(bad).0, arms(bad).1);
                last_rare = alone;
            }
            let by_turns = last_rare + common.log_wealth();
            assert!((log_e.exp() - (alone.exp() + by_turns.exp()) / 2.0).abs() < 1e-9, "block {block}");
            seen = seen.plus(arms(bad).1);
        }
        assert_eq!(switched, 3);
        assert!(common.log_wealth() != 0.0 && both.log_rare != 0.0);
    }

    #[test]
    fn a_late_change_of_a_common_share_is_noticed_within_a_few_blocks() {
        let start = Start::Weighted { first: 0.5, every: 1, blocks: 1_000 };
        let config = ProportionConfig::harm(0.1, start).unwrap();
        let mut test = Proportion::new(&config);
        let mut common = TwoSample::new(&config.frozen.common);
        let block = |share: f64| (Exposure::new(100.0, 100.0 * share), Exposure::new(900.0, 270.0));
        for seq in 0..500 {
            test.absorb(&config, seq, block(0.3), 1.0).unwrap();
            common.absorb(&config.frozen.common, seq, block(0.3), 1.0).unwrap();
        }
        let mut noticed = [None; 2];
        for seq in 500..900 {
            let both = test.absorb(&config, seq, block(0.6), 1.0).unwrap();
            let learner = common.absorb(&config.frozen.common, seq, block(0.6), 1.0).unwrap();
            for (noticed, log_e) in noticed.iter_mut().zip([both, learner]) {
                if noticed.is_none() && log_e >= 1_000.0_f64.ln() {
                    *noticed = Some(seq - 499);
                }
            }
        }
        assert!(noticed[0].is_some_and(|blocks| blocks <= 5), "{noticed:?}");
        assert!(
            noticed[1].is_none_or(|blocks| blocks > 50),
            "who learns from all that was is late: {noticed:?}"
        );
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
