//! Rare events against a fixed baseline: do crashes per user-hour exceed `1 + margin` times what they were before? One
//! arm, an e-process.
//!
//! Per block, with exposure `n` and `x` events, a baseline rate `b`, a margin `d` and a bet `psi`:
//!
//! ```text
//! log increment(psi) = x ln(psi) - n b (1 + d) (psi - 1)
//! ```
//!
//! - Null hypothesis for bets above one: `rate <= (1 + d) b`; for bets below one it is reversed.
//! - Guarantee: the likelihood ratio of two Poisson rates; its expectation, `exp(n (rate - (1 + d) b)(psi - 1))`, is
//!   at most one under the null.
//! - Assumptions: Poisson events given the past; exposure measured in the unit of the baseline. A baseline that was
//!   itself estimated from little is a guess: compare with the control where there is one.
//! - Source: Wald (1945); Dvoretzky, Kiefer, Wolfowitz, "Sequential decision problems for processes with continuous
//!   time parameter" (1953).

use serde::{Deserialize, Serialize};

use crate::{
    absorbed::Refused,
    bank::{Bank, Bets, Start},
    exposure::Exposure,
    fingerprint::Fingerprint,
    invalid::{InvalidConfig, check_margin},
    product,
};

/// The frozen parameters of a test of rare events against a fixed rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Frozen", into = "Frozen")]
pub struct RareRateConfig {
    baseline: f64,
    margin: f64,
    bets: Bets,
    fingerprint: Fingerprint,
}

/// The serialised form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    baseline: f64,
    margin: f64,
    bets: Vec<f64>,
    weights: Vec<f64>,
    start: Start,
}

impl RareRateConfig {
    /// `baseline` in events per unit of exposure, above 0; `margin` at least 0; bets all above one for harm, all
    /// below for safety.
    ///
    /// # Errors
    /// [`InvalidConfig`] names the parameter that is not usable.
    pub fn new(
        baseline: f64,
        margin: f64,
        bets: Vec<f64>,
        weights: Vec<f64>,
        start: Start,
    ) -> Result<Self, InvalidConfig> {
        if !(baseline > 0.0 && baseline <= 1e30) {
            return Err(InvalidConfig::Baseline(baseline));
        }
        let margin = check_margin(margin)?;
        let bets = Bets::ratios(bets, weights, start)?;
        let fingerprint = bets.mark(Fingerprint::of("rare-rate").with_f64(baseline).with_f64(margin));
        Ok(Self { baseline, margin, bets, fingerprint })
    }

    /// Evidence that the rate is above `1 + margin` times the baseline: the product's own bets.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn harm(baseline: f64, margin: f64, start: Start) -> Result<Self, InvalidConfig> {
        Self::new(baseline, margin, product::bets(), product::weights(), start)
    }

    /// Evidence that it is below.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn safety(baseline: f64, margin: f64) -> Result<Self, InvalidConfig> {
        Self::new(baseline, margin, product::safety_bets(), product::weights(), Start::Plain)
    }

    /// What it is compared with, in events per unit of exposure.
    pub fn baseline(&self) -> f64 {
        self.baseline
    }

    /// The tolerated relative margin.
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// Identifies these parameters, exactly.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl TryFrom<Frozen> for RareRateConfig {
    type Error = InvalidConfig;
    fn try_from(frozen: Frozen) -> Result<Self, InvalidConfig> {
        Self::new(frozen.baseline, frozen.margin, frozen.bets, frozen.weights, frozen.start)
    }
}

impl From<RareRateConfig> for Frozen {
    fn from(config: RareRateConfig) -> Self {
        let bets = &config.bets;
        Self {
            baseline: config.baseline,
            margin: config.margin,
            bets: bets.bets().to_vec(),
            weights: bets.weights().to_vec(),
            start: bets.start(),
        }
    }
}

/// Wealth and sums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RareRate {
    bank: Bank,
    canary: Exposure,
}

impl RareRate {
    pub(crate) fn new(config: &RareRateConfig) -> Self {
        Self { bank: Bank::new(&config.bets), canary: Exposure::default() }
    }

    pub(crate) fn check(&self, config: &RareRateConfig, canary: Exposure) -> Result<(), Refused> {
        self.bank.check(&config.bets)?;
        canary.check()
    }

    /// Takes in block `block`, counted from 0, which was checked; answers the natural logarithm of the evidence, or
    /// `None` when there were no events.
    pub(crate) fn absorb(
        &mut self,
        config: &RareRateConfig,
        block: u64,
        canary: Exposure,
        phi: f64,
    ) -> Option<f64> {
        self.bank.pass(config.bets.start(), block);
        if canary.n <= 0.0 {
            return None;
        }
        self.canary = self.canary.plus(canary);
        let expected = canary.n * config.baseline * (1.0 + config.margin) / phi;
        let happened = canary.bad / phi;
        let increment = |bet: f64, log_bet: f64| happened * log_bet - expected * (bet - 1.0);
        self.bank.multiply(config.bets.bets(), config.bets.log_bets(), increment);
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
    fn one_bet_follows_the_formula_by_hand() {
        let config = RareRateConfig::new(0.02, 0.25, vec![3.0], vec![1.0], Start::Plain).unwrap();
        let mut test = RareRate::new(&config);
        let log_e = test.absorb(&config, 0, Exposure::new(120.0, 5.0), 1.0).unwrap();
        // Three events expected at the edge of what is tolerated.
        assert!((log_e - (5.0 * 3.0_f64.ln() - 3.0 * 2.0)).abs() < 1e-12);
    }

    #[test]
    fn a_baseline_of_nothing_is_refused() {
        for baseline in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(
                RareRateConfig::harm(baseline, 0.0, Start::Plain),
                Err(InvalidConfig::Baseline(_))
            ));
        }
    }
}
