//! Why parameters are not a test.

use crate::{
    bank::{BET_MAX, BET_MIN, BETS_MAX},
    guard::SPREADS_MAX,
    latency::EDGES_MAX,
};

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
    /// A bet on the sign must be a number other than 0.
    #[error("bet {0} on the sign is not usable: expected a number other than 0, at most {BET_MAX} from it")]
    SignBet(f64),
    /// Bets on both signs test opposite hypotheses.
    #[error("bets above and below 0 test opposite hypotheses: expected all on one side")]
    MixedSigns,
    /// One weight per bet, positive, summing to one.
    #[error("the weights are not usable: expected one positive weight per bet, summing to 1")]
    Weights,
    /// The starts are not usable.
    #[error("the start is not usable: expected 0 < first < 1, every at least 1, blocks above every")]
    Start,
    /// A limit on a share.
    #[error("limit {0} is not usable: expected a share above 0 and below 1, such as 0.01")]
    Limit(f64),
    /// No alternative fits between the limit and one.
    #[error("no bet fits the limit {0}: expected at least one bet whose multiple of the limit is below 1")]
    NoRoom(f64),
    /// What rare events are compared with.
    #[error("baseline {0} is not usable: expected a rate above 0, in events per unit of exposure")]
    Baseline(f64),
    /// Edges are chosen near some quantiles.
    #[error("{0} quantiles are not usable: expected 1 to {EDGES_MAX}")]
    QuantileCount(usize),
    /// A quantile.
    #[error("quantile {0} is not usable: expected a number above 0 and below 1, such as 0.95")]
    Quantile(f64),
    /// A batch must have some samples.
    #[error(
        "batches of {0} to {1} samples are not usable: expected at least 1, and the most not below the least"
    )]
    Batch(u32, u32),
    /// Two tests of one question must ask the same.
    #[error(
        "the test of rare and the test of common events disagree: expected the same margin and direction"
    )]
    Disagree,
    /// A guard expects some spreads.
    #[error("{0} spreads are not usable: expected 1 to {SPREADS_MAX}")]
    SpreadCount(usize),
    /// A spread between instances.
    #[error(
        "spread {0} is not usable: expected a relative standard deviation from 0.001 to 1000, such as 0.1"
    )]
    Spread(f64),
    /// The weight of the prior of the plug-in.
    #[error("prior {0} is not usable: expected a number above 0, such as 0.18")]
    Prior(f64),
}

/// A canary a million times worse is not tolerated by anybody.
const MARGIN_MAX: f64 = 1e6;

pub(crate) fn check_margin(margin: f64) -> Result<f64, InvalidConfig> {
    if (0.0..=MARGIN_MAX).contains(&margin) { Ok(margin) } else { Err(InvalidConfig::Margin(margin)) }
}
