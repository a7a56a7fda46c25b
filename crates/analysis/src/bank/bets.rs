//! What is frozen before the first block: bets, their weights, and how starts are weighted.

use super::Start;
use crate::{fingerprint::Fingerprint, invalid::InvalidConfig, log_space::ln};

/// More bets than this cost time and buy nothing.
pub(crate) const BETS_MAX: usize = 64;
/// Bets outside of this range are mistakes, and their logarithms would lose precision.
pub(crate) const BET_MAX: f64 = 1e6;
pub(crate) const BET_MIN: f64 = 1e-6;

/// Bets, their weights and starts, with the logarithms every block needs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bets {
    bets: Vec<f64>,
    weights: Vec<f64>,
    start: Start,
    /// Of the bets themselves; empty for bets on a sign.
    log_bets: Vec<f64>,
}

impl Bets {
    /// Bets on a ratio: all above one (for harm) or all below (for safety).
    pub(crate) fn ratios(bets: Vec<f64>, weights: Vec<f64>, start: Start) -> Result<Self, InvalidConfig> {
        let usable = |bet: f64| (BET_MIN..=BET_MAX).contains(&bet) && bet != 1.0;
        if let Some(bet) = bets.iter().find(|bet| !usable(**bet)) {
            return Err(InvalidConfig::Bet(*bet));
        }
        let above = bets.iter().filter(|bet| **bet > 1.0).count();
        if above > 0 && above < bets.len() {
            return Err(InvalidConfig::MixedBets);
        }
        let log_bets = bets.iter().map(|bet| ln(*bet)).collect();
        Self::weighted(bets, log_bets, weights, start)
    }

    /// Bets on a sign: all above nought or all below.
    pub(crate) fn signs(bets: Vec<f64>, weights: Vec<f64>, start: Start) -> Result<Self, InvalidConfig> {
        let usable = |bet: f64| bet.is_finite() && bet != 0.0 && bet.abs() <= BET_MAX;
        if let Some(bet) = bets.iter().find(|bet| !usable(**bet)) {
            return Err(InvalidConfig::SignBet(*bet));
        }
        let above = bets.iter().filter(|bet| **bet > 0.0).count();
        if above > 0 && above < bets.len() {
            return Err(InvalidConfig::MixedSigns);
        }
        Self::weighted(bets, Vec::new(), weights, start)
    }

    fn weighted(
        bets: Vec<f64>,
        log_bets: Vec<f64>,
        weights: Vec<f64>,
        start: Start,
    ) -> Result<Self, InvalidConfig> {
        if bets.is_empty() || bets.len() > BETS_MAX {
            return Err(InvalidConfig::BetCount(bets.len()));
        }
        let positive = weights.iter().all(|weight| weight.is_finite() && *weight > 0.0);
        let whole = (weights.iter().sum::<f64>() - 1.0).abs() < 1e-9;
        if weights.len() != bets.len() || !positive || !whole {
            return Err(InvalidConfig::Weights);
        }
        Ok(Self { bets, weights, start: start.check()?, log_bets })
    }

    pub(crate) fn len(&self) -> usize {
        self.bets.len()
    }

    pub(crate) fn bets(&self) -> &[f64] {
        &self.bets
    }

    pub(crate) fn weights(&self) -> &[f64] {
        &self.weights
    }

    pub(crate) fn start(&self) -> Start {
        self.start
    }

    pub(crate) fn log_bets(&self) -> &[f64] {
        &self.log_bets
    }

    pub(crate) fn mark(&self, fingerprint: Fingerprint) -> Fingerprint {
        self.start.mark(fingerprint.with_all(&self.bets).with_all(&self.weights))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_bets_are_refused_by_name() {
        let halves = || vec![0.5, 0.5];
        let ratios = |bets: Vec<f64>| Bets::ratios(bets, halves(), Start::Plain).unwrap_err();
        assert_eq!(ratios(vec![2.0, 1.0]), InvalidConfig::Bet(1.0));
        assert_eq!(ratios(vec![2.0, 0.5]), InvalidConfig::MixedBets);
        assert_eq!(ratios(vec![2.0, 1e7]), InvalidConfig::Bet(1e7));
        assert_eq!(ratios(vec![2.0]), InvalidConfig::Weights);
        let signs = |bets: Vec<f64>| Bets::signs(bets, halves(), Start::Plain).unwrap_err();
        assert_eq!(signs(vec![0.5, 0.0]), InvalidConfig::SignBet(0.0));
        assert_eq!(signs(vec![0.5, -0.5]), InvalidConfig::MixedSigns);
        assert!(matches!(signs(vec![0.5, f64::NAN]), InvalidConfig::SignBet(_)));
        assert_eq!(Bets::ratios(vec![], vec![], Start::Plain), Err(InvalidConfig::BetCount(0)));
        let uneven = Bets::ratios(vec![2.0, 3.0], vec![0.5, 0.6], Start::Plain);
        assert_eq!(uneven, Err(InvalidConfig::Weights));
        let start = Start::Weighted { first: 0.5, every: 30, blocks: 30 };
        assert_eq!(Bets::ratios(vec![2.0, 3.0], halves(), start), Err(InvalidConfig::Start));
    }
}
