//! The bank of bets of `ripcord-analysis`, for stretches of many blocks at once.
//!
//! The increments of every bank test are linear in what was counted, so those of many blocks with one share of traffic
//! add up exactly. Starts within a stretch join evenly over it. A stretch of one block is one update of the tests that
//! decide about releases; [`tests`] holds the two to each other.
//!
//! Wealth is kept as a plain number, not as a logarithm: it is only followed until it is large enough.

use ripcord_analysis::Start;

/// No wealth grows or shrinks by more than the exponential of this per stretch, so that none becomes infinite.
const EXPONENT_MAX: f64 = 300.0;

/// What one stretch of blocks counted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Tally {
    /// Events of the candidate.
    pub(crate) canary: f64,
    /// How many of them were bad.
    pub(crate) canary_bad: f64,
    /// Events of the control.
    pub(crate) control: f64,
    /// How many of them were bad.
    pub(crate) control_bad: f64,
}

/// What one bet makes of a tally: its wealth grows by the exponential of `x canary_bad + y control_bad + n canary`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Payoff {
    /// Per bad event of the candidate.
    pub(crate) canary_bad: f64,
    /// Per bad event of the control.
    pub(crate) control_bad: f64,
    /// Per event of the candidate.
    pub(crate) canary: f64,
    /// How many times as much as a mild bet it is tempered.
    pub(crate) boldness: f64,
}

impl Payoff {
    fn growth(self, tally: &Tally) -> f64 {
        tally.canary_bad * self.canary_bad + tally.control_bad * self.control_bad + tally.canary * self.canary
    }

    /// What is left of its growth where a mild bet keeps `calm`.
    fn calm(self, calm: f64) -> f64 {
        if self.boldness == 1.0 { calm } else { calm / (calm + (1.0 - calm) * self.boldness) }
    }
}

/// The wealth of every bet, and how many blocks have passed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wealth {
    per_bet: Vec<f64>,
    blocks: u64,
}

impl Wealth {
    /// Before the first block.
    pub(crate) fn new(bets: usize, start: Start) -> Self {
        Self { per_bet: vec![start.weight(0); bets], blocks: 0 }
    }

    /// Takes in a stretch of `blocks` blocks, at least one, whose growth is tempered by the factor `calm`.
    pub(crate) fn take(
        &mut self,
        start: Start,
        payoffs: &[Payoff],
        tally: &Tally,
        (blocks, calm): (u64, f64),
    ) {
        let joined = self.pass(start, blocks);
        for (wealth, payoff) in self.per_bet.iter_mut().zip(payoffs) {
            let growth = (payoff.growth(tally) * payoff.calm(calm)).clamp(-EXPONENT_MAX, EXPONENT_MAX);
            let factor = growth.exp();
            *wealth = *wealth * factor + joined * joined_evenly(growth, factor, blocks as f64);
        }
    }

    /// Lets `blocks` blocks pass in which nothing was said.
    pub(crate) fn pass_silently(&mut self, start: Start, blocks: u64) {
        let joined = self.pass(start, blocks);
        self.per_bet.iter_mut().for_each(|wealth| *wealth += joined);
    }

    /// The weight of the starts that join meanwhile.
    fn pass(&mut self, start: Start, blocks: u64) -> f64 {
        // The first start joined before the first block.
        let spent_before = start.unspent_after(self.blocks.saturating_sub(1));
        self.blocks += blocks;
        (spent_before - start.unspent_after(self.blocks.saturating_sub(1))).max(0.0)
    }

    /// The evidence: the weighted mean over the bets, and what no start has used yet.
    pub(crate) fn evidence(&self, weights: &[f64], start: Start) -> f64 {
        let started: f64 = self.per_bet.iter().zip(weights).map(|(wealth, weight)| wealth * weight).sum();
        started + start.unspent_after(self.blocks.saturating_sub(1))
    }
}

/// What one unit of wealth becomes that joins evenly over `blocks` blocks, the first part before the first block:
/// the mean of `exp(growth j / blocks)` over j from 1 to `blocks`.
fn joined_evenly(growth: f64, factor: f64, blocks: f64) -> f64 {
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
    fn starts_join_evenly_within_a_stretch() {
        for (growth, blocks) in [(2.0_f64, 7_u32), (-3.0, 20), (1e-12, 5), (0.4, 1)] {
            let exact: f64 =
                (1..=blocks).map(|block| (growth * f64::from(block) / f64::from(blocks)).exp()).sum::<f64>()
                    / f64::from(blocks);
            let quick = joined_evenly(growth, growth.exp(), f64::from(blocks));
            assert!((quick / exact - 1.0).abs() < 1e-6, "{growth} over {blocks}: {quick} {exact}");
        }
    }

    #[test]
    fn a_stretch_without_events_leaves_the_evidence_at_one() {
        let start = Start::Weighted { first: 0.5, every: 1, blocks: 240 };
        let payoffs = [Payoff { canary_bad: 1.0, control_bad: -0.1, canary: -0.01, boldness: 1.0 }];
        let mut wealth = Wealth::new(1, start);
        for blocks in [1, 17, 100, 500] {
            wealth.take(start, &payoffs, &Tally::default(), (blocks, 1.0));
            wealth.pass_silently(start, blocks);
            assert!((wealth.evidence(&[1.0], start) - 1.0).abs() < 1e-12, "after {blocks} more");
        }
    }
}
