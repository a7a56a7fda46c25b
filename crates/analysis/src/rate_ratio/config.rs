//! What is frozen before the first block: margin, bets, their weights, and how starts are weighted.

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;

/// More bets than this cost time and buy nothing.
const BETS_MAX: usize = 64;
const DEFAULT_BETS: usize = 16;
const DEFAULT_BET_MIN: f64 = 1.1;
const DEFAULT_BET_MAX: f64 = 32.0;
/// Bets outside of this range are mistakes, and their logarithms would lose precision.
const BET_MAX: f64 = 1e6;
const BET_MIN: f64 = 1e-6;
/// A canary a million times worse is not tolerated by anybody.
const MARGIN_MAX: f64 = 1e6;

/// The frozen parameters of a rate-ratio test. Changing any after data were seen voids the guarantee, so a
/// [`super::RateRatioState`] refuses blocks under another configuration than the one it was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct RateRatioConfig {
    margin: f64,
    bets: Vec<f64>,
    weights: Vec<f64>,
    start: Start,
    log_bets: Vec<f64>,
    log_weights: Vec<f64>,
    fingerprint: Fingerprint,
}

/// How the wealth is spread over the moments at which a regression may begin.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Start {
    /// All of it on the first block.
    #[default]
    Plain,
    /// `first` on the first block, the rest in equal parts on every `every`-th block before block `blocks`; so a
    /// fault that begins late is caught nearly as fast as an early one.
    Weighted {
        /// The part bet on the first block, above 0 and below 1.
        first: f64,
        /// Distance between two later starts, in blocks, at least 1.
        every: u32,
        /// How many blocks the test is expected to last, above `every`.
        blocks: u32,
    },
}

/// Why parameters are not a test.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidConfig {
    /// The margin must be a number, at least 0.
    #[error("margin {0} is not usable: expected a finite number, at least 0, such as 0.2")]
    Margin(f64),
    /// There must be some bets, not too many.
    #[error("{0} bets are not usable: expected 1 to {BETS_MAX}")]
    BetCount(usize),
    /// A bet must be a positive number other than 1.
    #[error("bet {0} is not usable: expected a number other than 1 between {BET_MIN} and {BET_MAX}")]
    Bet(f64),
    /// Bets above and below one test opposite hypotheses.
    #[error("bets above and below 1 test opposite hypotheses: expected all on one side")]
    MixedBets,
    /// One weight per bet, positive, summing to one.
    #[error("the weights are not usable: expected one positive weight per bet, summing to 1")]
    Weights,
    /// The starts are not usable.
    #[error("the start is not usable: expected 0 < first < 1, every at least 1, blocks above every")]
    Start,
}

/// The serialised form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    margin: f64,
    bets: Vec<f64>,
    weights: Vec<f64>,
    start: Start,
}

impl RateRatioConfig {
    /// Any bets and weights. All bets above one test for harm, all below one for safety.
    pub fn new(margin: f64, bets: Vec<f64>, weights: Vec<f64>, start: Start) -> Result<Self, InvalidConfig> {
        check_margin(margin)?;
        check_bets(&bets)?;
        check_weights(&bets, &weights)?;
        check_start(start)?;
        let log_bets = bets.iter().map(|bet| bet.ln()).collect();
        let log_weights = weights.iter().map(|weight| weight.ln()).collect();
        let fingerprint = fingerprint(margin, &bets, &weights, start);
        Ok(Self { margin, bets, weights, start, log_bets, log_weights, fingerprint })
    }

    /// Evidence that the canary is worse than `1 + margin` times the control: 16 equal bets from 1.1 to 32, all
    /// wealth on the first block.
    pub fn harm(margin: f64) -> Result<Self, InvalidConfig> {
        Self::harm_from(margin, Start::Plain)
    }

    /// As [`Self::harm`], with the starts given.
    pub fn harm_from(margin: f64, start: Start) -> Result<Self, InvalidConfig> {
        let bets = geometric(DEFAULT_BET_MIN, DEFAULT_BET_MAX, DEFAULT_BETS);
        let weights = uniform(bets.len());
        Self::new(margin, bets, weights, start)
    }

    /// The reversed test: evidence that the canary is better than `1 + margin` times the control. The bets are the
    /// reciprocals of those of [`Self::harm`].
    pub fn safety(margin: f64) -> Result<Self, InvalidConfig> {
        let bets: Vec<f64> =
            geometric(DEFAULT_BET_MIN, DEFAULT_BET_MAX, DEFAULT_BETS).into_iter().map(f64::recip).collect();
        let weights = uniform(bets.len());
        Self::new(margin, bets, weights, Start::Plain)
    }

    /// The tolerated relative margin `d`: 0.2 tolerates a canary worse by 20 %.
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// The bets `psi`.
    pub fn bets(&self) -> &[f64] {
        &self.bets
    }

    /// The weights of the bets; they sum to one.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// How starts are weighted.
    pub fn start(&self) -> Start {
        self.start
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(super) fn log_bets(&self) -> &[f64] {
        &self.log_bets
    }

    pub(super) fn log_weights(&self) -> &[f64] {
        &self.log_weights
    }
}

impl Start {
    /// The weight of a start just before block `block`, counted from 0.
    pub(super) fn weight(self, block: u64) -> f64 {
        match self {
            Self::Plain => {
                if block == 0 {
                    1.0
                } else {
                    0.0
                }
            }
            Self::Weighted { first, every, blocks } => {
                if block == 0 {
                    return first;
                }
                let starts_here = block.is_multiple_of(u64::from(every)) && block < u64::from(blocks);
                if starts_here { (1.0 - first) / later_starts(every, blocks) } else { 0.0 }
            }
        }
    }

    /// The sum of the weights of all starts after block `block`.
    pub(super) fn unspent_after(self, block: u64) -> f64 {
        match self {
            Self::Plain => 0.0,
            Self::Weighted { first, every, blocks } => {
                let all = later_starts(every, blocks);
                let spent = (block / u64::from(every)) as f64;
                (1.0 - first) * ((all - spent) / all).max(0.0)
            }
        }
    }
}

/// How many starts lie after the first: the multiples of `every` below `blocks`.
fn later_starts(every: u32, blocks: u32) -> f64 {
    f64::from((blocks - 1) / every)
}

/// `count` numbers from `low` to `high`, each the same multiple of the one before.
fn geometric(low: f64, high: f64, count: usize) -> Vec<f64> {
    let step = (high / low).ln() / (count - 1) as f64;
    (0..count).map(|position| (low.ln() + step * position as f64).exp()).collect()
}

fn uniform(count: usize) -> Vec<f64> {
    vec![1.0 / count as f64; count]
}

fn check_margin(margin: f64) -> Result<(), InvalidConfig> {
    if margin.is_finite() && (0.0..=MARGIN_MAX).contains(&margin) {
        Ok(())
    } else {
        Err(InvalidConfig::Margin(margin))
    }
}

fn check_bets(bets: &[f64]) -> Result<(), InvalidConfig> {
    if bets.is_empty() || bets.len() > BETS_MAX {
        return Err(InvalidConfig::BetCount(bets.len()));
    }
    let usable = |bet: f64| (BET_MIN..=BET_MAX).contains(&bet) && bet != 1.0;
    if let Some(bet) = bets.iter().find(|bet| !usable(**bet)) {
        return Err(InvalidConfig::Bet(*bet));
    }
    let above = bets.iter().filter(|bet| **bet > 1.0).count();
    if above == 0 || above == bets.len() { Ok(()) } else { Err(InvalidConfig::MixedBets) }
}

fn check_weights(bets: &[f64], weights: &[f64]) -> Result<(), InvalidConfig> {
    let positive = weights.iter().all(|weight| weight.is_finite() && *weight > 0.0);
    let whole = (weights.iter().sum::<f64>() - 1.0).abs() < 1e-9;
    if weights.len() == bets.len() && positive && whole { Ok(()) } else { Err(InvalidConfig::Weights) }
}

fn check_start(start: Start) -> Result<(), InvalidConfig> {
    match start {
        Start::Plain => Ok(()),
        Start::Weighted { first, every, blocks } => {
            let usable = first > 0.0 && first < 1.0 && every >= 1 && blocks > every;
            if usable { Ok(()) } else { Err(InvalidConfig::Start) }
        }
    }
}

fn fingerprint(margin: f64, bets: &[f64], weights: &[f64], start: Start) -> Fingerprint {
    let shared = Fingerprint::EMPTY.with_f64(margin).with_all(bets).with_all(weights);
    match start {
        Start::Plain => shared.with_u64(0),
        Start::Weighted { first, every, blocks } => {
            shared.with_u64(1).with_f64(first).with_u64(u64::from(every)).with_u64(u64::from(blocks))
        }
    }
}

impl TryFrom<Frozen> for RateRatioConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        Self::new(frozen.margin, frozen.bets, frozen.weights, frozen.start)
    }
}

impl From<RateRatioConfig> for Frozen {
    fn from(config: RateRatioConfig) -> Self {
        Self { margin: config.margin, bets: config.bets, weights: config.weights, start: config.start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_parameters_are_refused_by_name() {
        let weights = || vec![0.5, 0.5];
        let refused =
            |bets: Vec<f64>, weights, start| RateRatioConfig::new(0.0, bets, weights, start).unwrap_err();
        assert!(matches!(RateRatioConfig::harm(-0.1), Err(InvalidConfig::Margin(_))));
        assert!(matches!(RateRatioConfig::harm(f64::NAN), Err(InvalidConfig::Margin(_))));
        assert_eq!(refused(vec![], vec![], Start::Plain), InvalidConfig::BetCount(0));
        assert_eq!(refused(vec![2.0, 1.0], weights(), Start::Plain), InvalidConfig::Bet(1.0));
        assert_eq!(refused(vec![2.0, 0.5], weights(), Start::Plain), InvalidConfig::MixedBets);
        assert_eq!(refused(vec![2.0, 3.0], vec![0.5, 0.6], Start::Plain), InvalidConfig::Weights);
        let start = Start::Weighted { first: 0.5, every: 30, blocks: 30 };
        assert_eq!(refused(vec![2.0, 3.0], weights(), start), InvalidConfig::Start);
    }

    #[test]
    fn the_weights_of_all_starts_sum_to_one_and_the_unspent_part_is_what_remains() {
        let starts = [
            Start::Plain,
            Start::Weighted { first: 0.5, every: 1, blocks: 240 },
            Start::Weighted { first: 0.3, every: 30, blocks: 240 },
            Start::Weighted { first: 0.3, every: 7, blocks: 100 },
        ];
        for start in starts {
            let mut spent = 0.0;
            for block in 0..500 {
                spent += start.weight(block);
                assert!(
                    (spent + start.unspent_after(block) - 1.0).abs() < 1e-12,
                    "{start:?} after block {block}"
                );
            }
            assert!((spent - 1.0).abs() < 1e-12, "{start:?}");
        }
    }

    #[test]
    fn the_fingerprint_follows_every_parameter_and_survives_serialisation() {
        let config = RateRatioConfig::harm(0.2).unwrap();
        let read: RateRatioConfig = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
        assert_eq!(read, config);
        let start = Start::Weighted { first: 0.5, every: 1, blocks: 240 };
        let others = [
            RateRatioConfig::harm(0.3),
            RateRatioConfig::safety(0.2),
            RateRatioConfig::harm_from(0.2, start),
        ];
        for other in others {
            assert_ne!(other.unwrap().fingerprint(), config.fingerprint());
        }
    }
}
