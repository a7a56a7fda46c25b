//! An absolute limit with evidence: is the canary's share of bad events above `limit`? One arm, an e-process.
//!
//! Per block, with `n` events and `x` bad ones, a limit `p0` and a bet `psi`, `theta = p0 psi`:
//!
//! ```text
//! log increment(psi) = x ln(psi) + (n - x) ln((1 - theta) / (1 - p0))
//! ```
//!
//! - Null hypothesis for bets above one: `p <= p0`; large evidence means *over the limit*. For bets below one it is
//!   reversed; large evidence means *within the limit*.
//! - Guarantee: the increment is the likelihood ratio of `theta` against `p0`, whose expectation is monotone in `p`
//!   and one at `p0`, so under the null it never exceeds one.
//! - Bets whose `theta` is not below one are left out and the weights of the others scaled to sum to one.
//! - Assumptions: independent events given the past; the rate may move below the limit.
//! - Source: Wald, "Sequential Tests of Statistical Hypotheses" (1945); mixtures: Robbins, "Statistical methods
//!   related to the law of the iterated logarithm" (1970).

use serde::{Deserialize, Serialize};

use crate::{
    absorbed::Refused,
    bank::{Bank, Bets, Start},
    exposure::Exposure,
    fingerprint::Fingerprint,
    invalid::InvalidConfig,
    log_space::ln_1p,
    product,
};

/// The frozen parameters of a test against an absolute limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct AbsoluteConfig {
    limit: f64,
    bets: Bets,
    /// `ln((1 - theta) / (1 - limit))` of every bet.
    log_good: Vec<f64>,
    fingerprint: Fingerprint,
}

/// The serialised form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    limit: f64,
    bets: Vec<f64>,
    weights: Vec<f64>,
    start: Start,
}

impl AbsoluteConfig {
    /// A share `limit` above 0 and below 1; bets as multiples of it, all above one for harm, all below for safety.
    ///
    /// # Errors
    /// [`InvalidConfig`] names the parameter that is not usable.
    pub fn new(limit: f64, bets: Vec<f64>, weights: Vec<f64>, start: Start) -> Result<Self, InvalidConfig> {
        if !(limit > 0.0 && limit < 1.0) {
            return Err(InvalidConfig::Limit(limit));
        }
        let whole = Bets::ratios(bets, weights, start)?;
        let pairs = whole.bets().iter().zip(whole.weights());
        let fitting: Vec<(f64, f64)> =
            pairs.filter(|(bet, _)| **bet * limit < 1.0).map(|(bet, weight)| (*bet, *weight)).collect();
        let sum: f64 = fitting.iter().map(|(_, weight)| weight).sum();
        if fitting.is_empty() {
            return Err(InvalidConfig::NoRoom(limit));
        }
        let all_fit = fitting.len() == whole.len();
        let (bets, weights) = fitting
            .into_iter()
            .map(|(bet, weight)| (bet, if all_fit { weight } else { weight / sum }))
            .unzip();
        let bets = Bets::ratios(bets, weights, start)?;
        let log_good = bets.bets().iter().map(|bet| ln_1p(-limit * bet) - ln_1p(-limit)).collect();
        let fingerprint = bets.mark(Fingerprint::of("absolute").with_f64(limit));
        Ok(Self { limit, bets, log_good, fingerprint })
    }

    /// Evidence that the share is above `limit`: the product's own bets.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn harm(limit: f64, start: Start) -> Result<Self, InvalidConfig> {
        Self::new(limit, product::bets(), product::weights(), start)
    }

    /// Evidence that the share is below `limit`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn safety(limit: f64) -> Result<Self, InvalidConfig> {
        Self::new(limit, product::safety_bets(), product::weights(), Start::Plain)
    }

    /// The share that is tolerated.
    pub fn limit(&self) -> f64 {
        self.limit
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl TryFrom<Frozen> for AbsoluteConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        Self::new(frozen.limit, frozen.bets, frozen.weights, frozen.start)
    }
}

impl From<AbsoluteConfig> for Frozen {
    fn from(config: AbsoluteConfig) -> Self {
        let bets = &config.bets;
        let (start, weights) = (bets.start(), bets.weights().to_vec());
        Self { limit: config.limit, bets: bets.bets().to_vec(), weights, start }
    }
}

/// Wealth and sums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Absolute {
    bank: Bank,
    canary: Exposure,
}

impl Absolute {
    pub(crate) fn new(config: &AbsoluteConfig) -> Self {
        Self { bank: Bank::new(&config.bets), canary: Exposure::default() }
    }

    pub(crate) fn check(&self, config: &AbsoluteConfig, canary: Exposure) -> Result<(), Refused> {
        self.bank.check(&config.bets)?;
        canary.check_share()
    }

    /// Takes in block `block`, counted from 0, which was checked; answers the natural logarithm of the evidence, or
    /// `None` when there were no events.
    pub(crate) fn absorb(
        &mut self,
        config: &AbsoluteConfig,
        block: u64,
        canary: Exposure,
        phi: f64,
    ) -> Option<f64> {
        self.bank.pass(config.bets.start(), block);
        if canary.n <= 0.0 {
            return None;
        }
        self.canary = self.canary.plus(canary);
        let (bad, good) = (canary.bad / phi, (canary.n - canary.bad) / phi);
        let increment = |log_bet: f64, log_good: f64| bad * log_bet + good * log_good;
        self.bank.multiply(config.bets.log_bets(), &config.log_good, increment);
        Some(self.bank.log_e(&config.bets, block))
    }

    pub(crate) fn total(&self) -> Exposure {
        self.canary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bets_beyond_certainty_are_left_out_and_limits_need_room() {
        let config =
            AbsoluteConfig::new(0.3, vec![2.0, 3.0, 4.0], vec![0.5, 0.25, 0.25], Start::Plain).unwrap();
        assert_eq!(config.bets.bets(), [2.0, 3.0]);
        assert!((config.bets.weights()[0] - 2.0 / 3.0).abs() < 1e-15);
        let none = AbsoluteConfig::new(0.5, vec![2.0], vec![1.0], Start::Plain);
        assert_eq!(none, Err(InvalidConfig::NoRoom(0.5)));
        for limit in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(matches!(AbsoluteConfig::harm(limit, Start::Plain), Err(InvalidConfig::Limit(_))));
        }
        let read: AbsoluteConfig = serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
        assert_eq!(read, config);
    }
}
