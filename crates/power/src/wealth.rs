//! The bank of bets of `ripcord-analysis`, for stretches of many blocks at once.
//!
//! The increments of every bank test are linear in what was counted, so those of many blocks with one share of traffic
//! add up exactly. Starts within a stretch are opened evenly over it. A stretch of one block is one update of the
//! tests that decide about releases; `tests/same_test.rs` holds the two to each other.
//!
//! Wealth is kept as a plain number, not as a logarithm: it is only followed until it is large enough.

use crate::starts::Starts;

/// No wealth grows beyond this factor per stretch, so that no product of two is infinite.
const EXPONENT_MAX: f64 = 300.0;

/// What one stretch of blocks counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    /// How often something bad happened on the candidate.
    pub canary_bad: f64,
    /// How often on the control.
    pub control_bad: f64,
    /// Events of the candidate.
    pub canary: f64,
}

/// What each bet makes of a tally at one share of traffic: `x a - y b - n c`, already tempered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Payoff {
    pub(crate) per_bet: Vec<BetPayoff>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BetPayoff {
    /// Log growth per bad event of the candidate.
    pub(crate) canary_bad: f64,
    /// Log loss per bad event of the control.
    pub(crate) control_bad: f64,
    /// Log loss per event of the candidate.
    pub(crate) canary: f64,
}

/// The wealth of every bet, and how many blocks have passed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wealth {
    per_bet: Vec<f64>,
    blocks: f64,
}

impl Wealth {
    /// Before the first block.
    pub(crate) fn new(bets: usize, starts: Starts) -> Self {
        Self { per_bet: vec![starts.first(); bets], blocks: 0.0 }
    }

    /// Takes in a stretch of `blocks` (at least 1) blocks.
    pub(crate) fn take(&mut self, starts: Starts, payoff: &Payoff, tally: &Tally, blocks: f64) {
        let opened = starts.between(self.blocks, self.blocks + blocks);
        self.blocks += blocks;
        for (wealth, bet) in self.per_bet.iter_mut().zip(&payoff.per_bet) {
            let growth = (tally.canary_bad * bet.canary_bad
                - tally.control_bad * bet.control_bad
                - tally.canary * bet.canary)
                .clamp(-EXPONENT_MAX, EXPONENT_MAX);
            let factor = growth.exp();
            *wealth = *wealth * factor + opened * mean_of_starts(growth, factor, blocks);
        }
    }

    /// The evidence: the weighted mean over the bets and what no start has used yet.
    pub(crate) fn evidence(&self, weights: &[f64], starts: Starts) -> f64 {
        let started: f64 = self.per_bet.iter().zip(weights).map(|(wealth, weight)| wealth * weight).sum();
        started + starts.unspent_from(self.blocks)
    }
}

/// What one unit of wealth becomes that is put in evenly over `blocks` blocks, the first part before the first block:
/// the mean of `exp(growth j / blocks)` over j from 1 to `blocks`.
fn mean_of_starts(growth: f64, factor: f64, blocks: f64) -> f64 {
    if blocks <= 1.0 {
        return factor;
    }
    if growth.abs() < 1e-9 {
        return 1.0;
    }
    (factor - 1.0) / (blocks * (1.0 - (-growth / blocks).exp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_within_a_stretch_are_opened_evenly() {
        for (growth, blocks) in [(2.0_f64, 7_u32), (-3.0, 20), (1e-12, 5), (0.4, 1)] {
            let exact: f64 = (1..=blocks)
                .map(|block| (growth * f64::from(block) / f64::from(blocks)).exp())
                .sum::<f64>()
                / f64::from(blocks);
            let quick = mean_of_starts(growth, growth.exp(), f64::from(blocks));
            assert!((quick / exact - 1.0).abs() < 1e-6, "{growth} over {blocks}: {quick} {exact}");
        }
    }

    #[test]
    fn a_stretch_without_events_leaves_the_evidence_at_one() {
        let starts = Starts::Weighted { first: 0.5, blocks: 240.0 };
        let payoff = Payoff { per_bet: vec![BetPayoff { canary_bad: 1.0, control_bad: 0.1, canary: 0.0 }] };
        let mut wealth = Wealth::new(1, starts);
        for blocks in [1.0, 17.0, 100.0, 500.0] {
            let nothing = Tally { canary_bad: 0.0, control_bad: 0.0, canary: 0.0 };
            wealth.take(starts, &payoff, &nothing, blocks);
            assert!((wealth.evidence(&[1.0], starts) - 1.0).abs() < 1e-12, "after {blocks} more");
        }
    }
}
