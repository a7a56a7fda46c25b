//! A bank of bets: the wealth of a gambler who shares one coin among several bets and several starting points.
//!
//! Each bet `k` has a wealth that a block multiplies by `L_k`, its likelihood ratio. What is not known beforehand, how
//! large an effect is and when it begins, is averaged over with weights frozen before the first block:
//!
//! ```text
//! S_k <- L_k (S_k + w_t)                            one more start joins before each block
//! E    = sum over k of weight_k S_k + sum of the w_t of starts that have not joined yet
//! ```
//!
//! If every `L_k` has an expectation of at most one given the past, so has every factor of `E`: a mixture of
//! e-processes with weights that sum to one is an e-process.
//!
//! The wealth of all bets is kept in one unit, of which the natural logarithm is kept, so that a start joins by an addition
//! and `E` needs one logarithm. A bet with less than `e^-690` of the wealth of the best counts as having so much: as if
//! it had been given that capital, which adds less than `1e-290` to the chance of ever crossing a bar.
//!
//! Source of the weighted starts: Shin, Ramdas, Rinaldo, "E-detectors" (2022), here with a finite budget, which keeps the
//! process an exact e-process.

mod bets;
mod start;

use serde::{Deserialize, Serialize};

pub(crate) use bets::{BET_MAX, BET_MIN, BETS_MAX, Bets};
pub use start::Start;

use crate::{
    absorbed::Refused,
    log_space::{exp, ln, log_add},
    stored,
};

/// The wealth of the best bet stays between these, in units.
const BEST_MIN: f64 = 1e-100;
const BEST_MAX: f64 = 1e100;
/// No bet has less, in units.
const LEAST: f64 = 1e-300;
/// A factor beyond the exponential of this goes to the unit.
const EXPONENT_MAX: f64 = 400.0;

/// The wealth of every bet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bank {
    /// `S_k`, in units.
    #[serde(deserialize_with = "stored::all_finite")]
    wealth: Box<[f64]>,
    /// Natural logarithm of the unit.
    #[serde(deserialize_with = "stored::finite")]
    log_unit: f64,
}

impl Bank {
    /// The first start has joined.
    pub(crate) fn new(bets: &Bets) -> Self {
        let first = bets.start().weight(0);
        Self { wealth: vec![first; bets.len()].into_boxed_slice(), log_unit: 0.0 }
    }

    /// Refuses wealth of another number of bets: it was damaged where it was stored.
    pub(crate) fn check(&self, bets: &Bets) -> Result<(), Refused> {
        let fits = self.wealth.len() == bets.len() && self.wealth.iter().all(|wealth| *wealth > 0.0);
        if fits { Ok(()) } else { Err(Refused::Damaged) }
    }

    /// Lets the starts before block `block` join.
    pub(crate) fn pass(&mut self, start: Start, block: u64) {
        let weight = if block > 0 { start.weight(block) } else { 0.0 };
        if weight <= 0.0 {
            return;
        }
        if self.log_unit < -EXPONENT_MAX {
            // Beside what joins, what there was is nothing.
            let was = exp(self.log_unit);
            self.wealth.iter_mut().for_each(|wealth| *wealth = (*wealth * was).max(LEAST));
            self.log_unit = 0.0;
        }
        let joining = weight * exp(-self.log_unit);
        self.wealth.iter_mut().for_each(|wealth| *wealth += joining);
    }

    /// Multiplies the wealth of every bet by the exponential of its increment, which is given two numbers known of the
    /// bet, such as itself and its logarithm.
    #[inline]
    pub(crate) fn multiply(&mut self, a: &[f64], b: &[f64], log_increment: impl Fn(f64, f64) -> f64) {
        let mut increments = [0.0; BETS_MAX];
        let increments = &mut increments[..self.wealth.len()];
        for (increment, (a, b)) in increments.iter_mut().zip(a.iter().zip(b)) {
            *increment = log_increment(*a, *b);
        }
        if increments.iter().any(|increment| increment.abs() > EXPONENT_MAX) {
            self.multiply_by_far(increments);
            return;
        }
        for (wealth, increment) in self.wealth.iter_mut().zip(increments.iter()) {
            *wealth *= exp(*increment);
        }
        self.choose_unit();
    }

    /// The natural logarithm of `E` after block `block`.
    pub(crate) fn log_e(&self, bets: &Bets, block: u64) -> f64 {
        let started: f64 =
            self.wealth.iter().zip(bets.weights()).map(|(wealth, weight)| wealth * weight).sum();
        let log_started = self.log_unit + ln(started);
        let waiting = bets.start().unspent_after(block);
        if waiting > 0.0 { log_add(log_started, ln(waiting)) } else { log_started }
    }

    /// As [`Self::multiply`] for increments that are too large for one factor.
    fn multiply_by_far(&mut self, increments: &[f64]) {
        let logs = || self.wealth.iter().zip(increments).map(|(wealth, increment)| ln(*wealth) + increment);
        let high = logs().fold(f64::NEG_INFINITY, f64::max);
        let wealth: Box<[f64]> = logs().map(|log| exp(log - high).max(LEAST)).collect();
        self.wealth = wealth;
        self.log_unit += high;
    }

    /// Takes the wealth of the best bet for the unit when it has left its bounds.
    fn choose_unit(&mut self) {
        let best =
            self.wealth.iter().copied().fold(0.0, |best, wealth| if wealth > best { wealth } else { best });
        if !(BEST_MIN..=BEST_MAX).contains(&best) {
            self.wealth.iter_mut().for_each(|wealth| *wealth /= best);
            self.log_unit += ln(best);
        }
        self.wealth.iter_mut().for_each(|wealth| *wealth = if *wealth > LEAST { *wealth } else { LEAST });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_say_nothing_change_nothing_whatever_joins_meanwhile() {
        let start = Start::Weighted { first: 0.5, every: 1, blocks: 40 };
        let bets = Bets::ratios(vec![1.5, 4.0], vec![0.25, 0.75], start).unwrap();
        let mut lazy = Bank::new(&bets);
        let mut eager = lazy.clone();
        for block in 0..100 {
            lazy.pass(start, block);
            eager.pass(start, block);
            let speaks = block % 7 == 3;
            let increment = |bet: f64, _: f64| if speaks { bet } else { 0.0 };
            eager.multiply(bets.bets(), bets.bets(), increment);
            let before = lazy.log_e(&bets, block);
            if speaks {
                lazy.multiply(bets.bets(), bets.bets(), increment);
                assert!(lazy.log_e(&bets, block) > before);
            }
            assert!((lazy.log_e(&bets, block) - eager.log_e(&bets, block)).abs() < 1e-12, "{block}");
        }
    }

    #[test]
    fn wealth_of_every_size_is_what_its_logarithm_says() {
        // Factors from very small to very large, by turns and in a row, against plain sums of logarithms.
        let bets = Bets::ratios(vec![1.5, 4.0], vec![0.25, 0.75], Start::Plain).unwrap();
        let mut bank = Bank::new(&bets);
        let mut logs = [0.0_f64; 2];
        let steps =
            [1.0, 300.0, -350.0, 1e5, -3e5, 20.0, 399.0, 399.0, 399.0, -399.0, -399.0, -399.0, -399.0, 7e8];
        for (block, step) in steps.into_iter().enumerate() {
            bank.multiply(&[0.9, 1.0], &[0.0, 0.0], |share, _| share * step);
            logs = [logs[0] + 0.9 * step, logs[1] + step];
            let high = logs[0].max(logs[1]);
            let expected = high + (0.25 * (logs[0] - high).exp() + 0.75 * (logs[1] - high).exp()).ln();
            let log_e = bank.log_e(&bets, block as u64);
            // What was 690 behind counts as so much, and no more can be told of what comes back from there.
            let tolerated = 1e-9 * expected.abs().max(1.0) + if block >= 4 { 7e4 } else { 0.0 };
            assert!(log_e.is_finite() && (log_e - expected).abs() < tolerated, "{block}: {log_e} {expected}");
            bank.check(&bets).unwrap();
        }
    }

    #[test]
    fn what_joins_after_a_great_loss_counts_in_full() {
        let start = Start::Weighted { first: 0.5, every: 1, blocks: 40 };
        let bets = Bets::ratios(vec![2.0], vec![1.0], start).unwrap();
        let mut bank = Bank::new(&bets);
        for (block, loss) in [(0, -300.0), (1, -390.0), (2, -5_000.0), (3, -1e6)] {
            bank.pass(start, block);
            bank.multiply(&[1.0], &[1.0], |_, _| loss);
        }
        bank.pass(start, 4);
        let started = bank.log_e(&bets, 4).exp() - start.unspent_after(4);
        assert!((started / start.weight(4) - 1.0).abs() < 1e-9, "{started}");
    }

    #[test]
    fn a_fair_bet_is_a_martingale_over_every_path() {
        // A coin that doubles or ends nearly all wealth, over all paths of ten blocks: the mean of E stays one.
        let start = Start::Weighted { first: 0.3, every: 2, blocks: 5 };
        let bets = Bets::ratios(vec![2.0], vec![1.0], start).unwrap();
        let mut sum = 0.0;
        for path in 0..1_024_u32 {
            let mut bank = Bank::new(&bets);
            for block in 0..10 {
                bank.pass(start, block);
                let factor: f64 = if path >> block & 1 == 1 { 1.75 } else { 0.25 };
                bank.multiply(&[1.0], &[1.0], |_, _| factor.ln());
            }
            sum += bank.log_e(&bets, 9).exp();
        }
        assert!((sum / 1_024.0 - 1.0).abs() < 1e-12, "{sum}");
    }
}
