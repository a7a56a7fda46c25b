//! Bets on the sign of differences: are they shifted above nought? An e-process that needs no scale.
//!
//! Per block, with a difference `d` and a bet `lambda`:
//!
//! ```text
//! log increment(lambda) = lambda d - ln(cosh(lambda d))
//! ```
//!
//! - Null hypothesis for bets above nought: given the past, `d` is as likely as `-d`, or lower. For bets below nought
//!   it is reversed.
//! - Guarantee: given `|d|`, the expectation of `exp(lambda d) / cosh(lambda d)` over the sign is one when both signs
//!   are equally likely, and below when the minus is likelier. No moments are needed.
//! - Assumptions: symmetry given the past. Consecutive samples of one gauge are not like that: see [`crate::gauge`].
//! - Source: de la Peña, "A general class of exponential inequalities for martingales and ratios" (1999); Ramdas,
//!   Ruf, Larsson, Koolen, "Admissible anytime-valid sequential inference must rely on nonnegative martingales" (2020).

use serde::{Deserialize, Serialize};

use crate::{
    absorbed::Refused,
    bank::{Bank, Bets, Start},
    fingerprint::Fingerprint,
    invalid::InvalidConfig,
    log_space::{exp, ln},
};

/// A larger difference counts as this one. Its evidence is exhausted long before.
const DIFFERENCE_MAX: f64 = 1e9;

/// The frozen parameters of a test of differences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct SignFlipConfig {
    bets: Bets,
    fingerprint: Fingerprint,
}

/// The serialised form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    bets: Vec<f64>,
    weights: Vec<f64>,
    start: Start,
}

impl SignFlipConfig {
    /// Bets `lambda`, in one over the unit of the differences: all above nought for harm, all below for safety.
    ///
    /// # Errors
    /// [`InvalidConfig`] names the parameter that is not usable.
    pub fn new(bets: Vec<f64>, weights: Vec<f64>, start: Start) -> Result<Self, InvalidConfig> {
        let bets = Bets::signs(bets, weights, start)?;
        let fingerprint = bets.mark(Fingerprint::of("sign-flip"));
        Ok(Self { bets, fingerprint })
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl TryFrom<Frozen> for SignFlipConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        Self::new(frozen.bets, frozen.weights, frozen.start)
    }
}

impl From<SignFlipConfig> for Frozen {
    fn from(config: SignFlipConfig) -> Self {
        let bets = &config.bets;
        Self { bets: bets.bets().to_vec(), weights: bets.weights().to_vec(), start: bets.start() }
    }
}

/// Wealth and sums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignFlip {
    bank: Bank,
    sum: f64,
    count: u64,
}

impl SignFlip {
    pub(crate) fn new(config: &SignFlipConfig) -> Self {
        Self { bank: Bank::new(&config.bets), sum: 0.0, count: 0 }
    }

    pub(crate) fn check(&self, config: &SignFlipConfig, difference: f64) -> Result<(), Refused> {
        self.bank.check(&config.bets)?;
        if difference.is_finite() { Ok(()) } else { Err(Refused::NotANumber) }
    }

    /// Takes in block `block`, counted from 0, which was checked; answers the natural logarithm of the evidence.
    pub(crate) fn absorb(
        &mut self,
        config: &SignFlipConfig,
        block: u64,
        difference: f64,
        phi: f64,
    ) -> Option<f64> {
        self.bank.pass(config.bets.start(), block);
        let difference = difference.clamp(-DIFFERENCE_MAX, DIFFERENCE_MAX);
        self.sum += difference;
        self.count += 1;
        if difference != 0.0 {
            bet_on_sign(&mut self.bank, &config.bets, difference, phi);
        }
        Some(self.bank.log_e(&config.bets, block))
    }

    /// The mean difference.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Multiplies the wealth of every bet by `exp(lambda d) / cosh(lambda d)`, tempered by `phi`.
pub(crate) fn bet_on_sign(bank: &mut Bank, bets: &Bets, difference: f64, phi: f64) {
    bank.multiply(bets.bets(), bets.bets(), |bet, _| log_sign(bet * difference) / phi);
}

/// `u - ln(cosh(u))`: at most `ln 2`, and `2 u + ln 2` far below nought.
fn log_sign(u: f64) -> f64 {
    std::f64::consts::LN_2 + (u - u.abs()) - ln(1.0 + exp(-2.0 * u.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_of_one_bet_is_exact_and_bounded() {
        for u in [-30.0, -1.0, -1e-3, 0.0, 1e-3, 0.5, 4.0] {
            let plain: f64 = f64::exp(u) / f64::cosh(u);
            assert!((log_sign(u) - plain.ln()).abs() < 1e-13, "{u}");
        }
        assert_eq!(log_sign(1e300), std::f64::consts::LN_2);
        assert!(log_sign(-1e300).is_finite());
    }
}
