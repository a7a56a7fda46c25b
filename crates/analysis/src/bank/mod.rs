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
//! e-processes with weights that sum to one is an e-process. A block that says nothing (`L = 1`) costs no arithmetic,
//! because starts that joined without having bet are kept as one sum.
//!
//! All wealth is kept as natural logarithms. Source of the weighted starts: Shin, Ramdas, Rinaldo, "E-detectors"
//! (2022), here with a finite budget, which keeps the process an exact e-process.

mod bets;
mod start;

use serde::{Deserialize, Serialize};

pub(crate) use bets::{BET_MAX, BET_MIN, BETS_MAX, Bets};
pub use start::Start;

use crate::{
    absorbed::Refused,
    log_space::{ln, log_add, log_sum},
    stored,
};

/// The wealth of every bet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bank {
    /// Natural logarithm of `S_k`.
    #[serde(deserialize_with = "stored::all_finite")]
    log_wealth: Box<[f64]>,
    /// The weight of starts that joined but have not bet yet.
    #[serde(deserialize_with = "stored::finite")]
    joined: f64,
}

impl Bank {
    /// The first start has joined.
    pub(crate) fn new(bets: &Bets) -> Self {
        let first = ln(bets.start().weight(0));
        Self { log_wealth: vec![first; bets.len()].into_boxed_slice(), joined: 0.0 }
    }

    /// Refuses wealth of another number of bets: it was damaged where it was stored.
    pub(crate) fn check(&self, bets: &Bets) -> Result<(), Refused> {
        if self.log_wealth.len() == bets.len() { Ok(()) } else { Err(Refused::Damaged) }
    }

    /// Lets the starts before block `block` (counted from 0) join.
    pub(crate) fn pass(&mut self, start: Start, block: u64) {
        if block > 0 {
            self.joined += start.weight(block);
        }
    }

    /// Multiplies the wealth of every bet by the exponential of its increment, which is given two numbers known of the
    /// bet, such as itself and its logarithm.
    #[inline]
    pub(crate) fn multiply(&mut self, a: &[f64], b: &[f64], log_increment: impl Fn(f64, f64) -> f64) {
        let joined = std::mem::take(&mut self.joined);
        if joined > 0.0 {
            let joined = ln(joined);
            self.log_wealth.iter_mut().for_each(|wealth| *wealth = log_add(*wealth, joined));
        }
        for (wealth, (a, b)) in self.log_wealth.iter_mut().zip(a.iter().zip(b)) {
            *wealth += log_increment(*a, *b);
        }
    }

    /// The natural logarithm of `E` after block `block`.
    pub(crate) fn log_e(&self, bets: &Bets, block: u64) -> f64 {
        let started = log_sum(&self.log_wealth, bets.log_weights());
        let waiting = bets.start().unspent_after(block) + self.joined;
        if waiting > 0.0 { log_add(started, ln(waiting)) } else { started }
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
