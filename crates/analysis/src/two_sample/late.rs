//! Changes that may begin at any time: bets that say beforehand by how much the shares differ.
//!
//! A bet `b` on odds says that the arm with fewer events in the block, which is the one that was changed or has the changed
//! one to compare with, moves away from what the other's past allows:
//!
//! ```text
//! odds(theta_c) = b odds((1 + d) p_t)                     when the canary has fewer events, theta_t = p_t
//! odds(theta_t) = odds(p_c / (1 + d)) / b                 when the control has, theta_c = p_c
//! ```
//!
//! with `p` the shares of all earlier blocks of the other arm. Each block then counts as in [`super`], against the null's
//! point nearest to `theta`, so each bet is an e-process from wherever it begins, and a mixture over beginnings is one.

use serde::{Deserialize, Serialize};

use super::{SHARE_MIN, TwoSampleConfig, against_null};
use crate::{
    absorbed::Refused,
    bank::{Bank, Bets, Start},
    exposure::Exposure,
    invalid::InvalidConfig,
    product,
};

/// Bets on how many times as large the odds are as tolerated.
const ODDS: [f64; 4] = [1.3, 2.0, 4.0, 10.0];

/// Bets on more, with equal parts of the wealth.
pub(super) fn bets(start: Start) -> Result<Bets, InvalidConfig> {
    Bets::ratios(ODDS.to_vec(), product::uniform(ODDS.len()), start)
}

/// Bets on less.
pub(super) fn reversed(start: Start) -> Result<Bets, InvalidConfig> {
    Bets::ratios(product::reciprocal(&ODDS), product::uniform(ODDS.len()), start)
}

/// Their wealth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Late {
    bank: Bank,
}

impl Late {
    pub(super) fn new(bets: &Bets) -> Self {
        Self { bank: Bank::new(bets) }
    }

    pub(super) fn check(&self, bets: &Bets) -> Result<(), Refused> {
        self.bank.check(bets)
    }

    /// Lets the starts before block `block` join.
    pub(super) fn pass(&mut self, bets: &Bets, block: u64) {
        self.bank.pass(bets.start(), block);
    }

    /// Takes in a block in which both arms have events; `past` is all that was before it, on canary and control.
    pub(super) fn absorb(
        &mut self,
        config: &TwoSampleConfig,
        bets: &Bets,
        past: (Exposure, Exposure),
        (canary, control): (Exposure, Exposure),
        phi: f64,
    ) {
        let r = 1.0 + config.margin();
        let is_canary_small = canary.n <= control.n;
        let Some(known) = (if is_canary_small { past.1 } else { past.0 }).rate() else {
            return;
        };
        let known = known.clamp(SHARE_MIN, 1.0 - SHARE_MIN);
        let theta = |bet: f64| {
            if is_canary_small {
                (moved(r * known, bet), known)
            } else {
                (known, moved(known / r, bet.recip()))
            }
        };
        self.bank.multiply(bets.bets(), bets.bets(), |bet, _| {
            against_null(theta(bet), (canary, control), r) / phi
        });
    }

    /// The natural logarithm of the evidence after block `block`.
    pub(super) fn log_e(&self, bets: &Bets, block: u64) -> f64 {
        self.bank.log_e(bets, block)
    }
}

/// The share whose odds are `times` those of `share`.
fn moved(share: f64, times: f64) -> f64 {
    let share = share.clamp(SHARE_MIN, 1.0 - SHARE_MIN);
    let odds = times * share / (1.0 - share);
    (odds / (1.0 + odds)).clamp(SHARE_MIN, 1.0 - SHARE_MIN)
}

#[cfg(test)]
mod tests {
    use super::super::{Direction, TwoSample};
    use super::*;

    fn noticed(config: &TwoSampleConfig, after: (f64, f64), sizes: (f64, f64)) -> Option<u64> {
        let mut test = TwoSample::new(config);
        let arm = |n: f64, share: f64| Exposure::new(n, (n * share).round());
        for seq in 0..500 {
            test.absorb(config, seq, (arm(sizes.0, 0.95), arm(sizes.1, 0.95)), 1.0).unwrap();
        }
        (500..1_000).find(|seq| {
            let arms = (arm(sizes.0, after.0), arm(sizes.1, after.1));
            test.absorb(config, *seq, arms, 1.0).unwrap() >= 1_000.0_f64.ln()
        })
    }

    #[test]
    fn a_late_fall_of_a_success_ratio_is_noticed_within_a_few_blocks() {
        let start = Start::Weighted { first: 0.5, every: 1, blocks: 1_000 };
        // Good events: the candidate's are compared from the control's side, so the arms change places.
        let slow = TwoSampleConfig::new(0.02, 0.18, Direction::Worse).unwrap();
        let quick = slow.clone().with_late(start).unwrap();
        let (after, sizes) = ((0.95, 0.8), (900.0, 100.0));
        let (slow, quick) = (noticed(&slow, after, sizes), noticed(&quick, after, sizes));
        assert!(quick.is_some_and(|at| at < 506), "{quick:?}");
        assert!(slow.is_none_or(|at| at > 530), "who learns from all that was is late: {slow:?}");
    }

    #[test]
    fn no_block_is_worth_more_than_one_on_average_wherever_the_null_is() {
        // Every outcome of one block, weighted with its chance.
        let choose = |n: u32, k: u32| (0..k).fold(1.0, |c, i| c * f64::from(n - i) / f64::from(i + 1));
        let chance =
            |n: u32, k: u32, p: f64| choose(n, k) * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32);
        let past = (Exposure::new(50.0, 12.0), Exposure::new(80.0, 23.0));
        for (sizes, direction) in
            [((4, 9), Direction::Worse), ((9, 4), Direction::Worse), ((4, 9), Direction::Better)]
        {
            let plain = TwoSampleConfig::new(0.1, 0.18, direction).unwrap();
            let config = plain.with_late(Start::Plain).unwrap();
            let bets = config.late.as_ref().unwrap();
            for p_t in [0.05, 0.3, 0.6, 0.85] {
                let edge: f64 = 1.1 * p_t;
                let inside = if direction == Direction::Worse { 0.7 * edge } else { (1.05 * edge).min(1.0) };
                for p_c in [edge, inside] {
                    let mut mean = 0.0;
                    for x in 0..=sizes.0 {
                        for y in 0..=sizes.1 {
                            let arm = |n: u32, bad: u32| Exposure::new(f64::from(n), f64::from(bad));
                            let mut late = Late::new(bets);
                            late.absorb(&config, bets, past, (arm(sizes.0, x), arm(sizes.1, y)), 1.0);
                            mean +=
                                chance(sizes.0, x, p_c) * chance(sizes.1, y, p_t) * late.log_e(bets, 0).exp();
                        }
                    }
                    assert!(mean < 1.0 + 1e-9, "{mean} at {p_c} and {p_t}, {direction:?}");
                }
            }
        }
    }
}
