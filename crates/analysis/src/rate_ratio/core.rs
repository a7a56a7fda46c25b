//! The arithmetic of one block.

use serde::{Deserialize, Serialize};

use super::{RateRatioConfig, split::Split};
use crate::{
    absorbed::Refused,
    bank::{Bank, Bets},
    exposure::Exposure,
};

/// Wealth and sums; what a test of the rate ratio remembers beside its progress.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateRatio {
    bank: Bank,
    canary: Exposure,
    control: Exposure,
}

impl RateRatio {
    pub(crate) fn new(config: &RateRatioConfig) -> Self {
        Self { bank: Bank::new(config.bank()), canary: Exposure::default(), control: Exposure::default() }
    }

    pub(crate) fn check(&self, config: &RateRatioConfig, arms: (Exposure, Exposure)) -> Result<(), Refused> {
        self.bank.check(config.bank())?;
        arms.0.check()?;
        arms.1.check()
    }

    /// Takes in block `block`, counted from 0, which was checked; answers the natural logarithm of the evidence, or
    /// `None` when an arm had no events.
    pub(crate) fn absorb(
        &mut self,
        config: &RateRatioConfig,
        block: u64,
        (canary, control): (Exposure, Exposure),
        phi: f64,
    ) -> Option<f64> {
        self.bank.pass(config.start(), block);
        if canary.n <= 0.0 || control.n <= 0.0 {
            return None;
        }
        self.canary = self.canary.plus(canary);
        self.control = self.control.plus(control);
        bet_on_ratio(&mut self.bank, config.bank(), config.margin(), (canary, control), phi);
        Some(self.bank.log_e(config.bank(), block))
    }

    pub(crate) fn totals(&self) -> (Exposure, Exposure) {
        (self.canary, self.control)
    }
}

/// Multiplies the wealth of every bet by its likelihood ratio of this block, tempered by `phi`. Both arms have events.
pub(crate) fn bet_on_ratio(
    bank: &mut Bank,
    bets: &Bets,
    margin: f64,
    (canary, control): (Exposure, Exposure),
    phi: f64,
) {
    let Some(split) = Split::of(canary, control, canary.n * (1.0 + margin)) else { return };
    let increment = |bet, log_bet| split.log_likelihood_ratio(bet, log_bet);
    if phi == 1.0 {
        bank.multiply(bets.bets(), bets.log_bets(), increment);
    } else {
        let tempering = |bet, log_bet| 1.0 + (phi - 1.0) * boldness(bet, log_bet);
        bank.multiply(bets.bets(), bets.log_bets(), |bet, log_bet| {
            increment(bet, log_bet) / tempering(bet, log_bet)
        });
    }
}

/// How many times as much as a mild bet, one close to 1, the bet `bet` with logarithm `log_bet` is tempered; at least 1.
/// Noise that is not normal but skewed, as that of rates is, now and then multiplies the canary's events alone, and a bold
/// bet on many times more would win by a single such block.
pub fn boldness(bet: f64, log_bet: f64) -> f64 {
    ((bet - 1.0) / log_bet).max(1.0)
}
