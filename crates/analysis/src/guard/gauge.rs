//! Groups of a gauge: halves of them compared by batch means and signs.
//!
//! The contrasts are `12|34`, `13|24`, `14|23` of four groups, the three pairs of three, the pair of two. Each is tested
//! both ways as [`crate::gauge`] tests the arms, with the guard's margin, and the e-values averaged.

use serde::{Deserialize, Serialize};

use super::GuardConfig;
use crate::{
    absorbed::Refused,
    bank::Bank,
    batching::{Batching, Place},
    dispersion::GROUPS_MAX,
    gauge::{VALUE_MAX, difference},
    log_space::{exp, ln},
    memory::Memory,
    product,
    sign_flip::bet_on_sign,
    stored,
};

/// How many contrasts there are at most.
const CONTRASTS: usize = 3;

/// What is remembered of the groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GaugeGuard {
    /// How many contrasts were possible when groups were first seen; 0 before.
    contrasts: usize,
    /// Two per contrast: for the one side being above, and for the other.
    banks: Vec<Bank>,
    memory: Memory,
    batching: Batching,
    sums: [f64; GROUPS_MAX],
    batches: u64,
    #[serde(deserialize_with = "stored::finite")]
    log_e: f64,
}

impl GaugeGuard {
    pub(crate) fn new(config: &GuardConfig) -> Self {
        Self {
            contrasts: 0,
            banks: vec![Bank::new(config.signs()); 2 * CONTRASTS],
            memory: Memory::default(),
            batching: Batching::default(),
            sums: [0.0; GROUPS_MAX],
            batches: 0,
            log_e: 0.0,
        }
    }

    /// Refuses wealth that does not fit: it was damaged where it was stored.
    pub(crate) fn check(&self, config: &GuardConfig) -> Result<(), Refused> {
        if self.banks.len() != 2 * CONTRASTS || self.contrasts > CONTRASTS {
            return Err(Refused::Damaged);
        }
        self.banks.iter().try_for_each(|bank| bank.check(config.signs()))
    }

    /// Takes in one sample of each of `count` groups, all of them finite.
    pub(crate) fn absorb(&mut self, config: &GuardConfig, groups: &[f64; GROUPS_MAX], count: usize) {
        if self.contrasts == 0 {
            self.contrasts = if count > 2 { CONTRASTS } else { 1 };
        }
        self.memory.take(groups[..count].iter().sum());
        let place = self.batching.place(&self.memory, product::BATCH);
        if place != Place::LeftOut {
            for (sum, value) in self.sums.iter_mut().zip(groups) {
                *sum += value.clamp(0.0, VALUE_MAX);
            }
        }
        if place == Place::Last {
            self.close(config, count);
            self.sums = [0.0; GROUPS_MAX];
        }
    }

    /// The logarithm of the evidence that groups differ.
    pub(crate) fn log_e(&self) -> f64 {
        self.log_e
    }

    fn close(&mut self, config: &GuardConfig, count: usize) {
        let bets = config.signs();
        let batch = self.batches;
        self.batches += 1;
        for (pair, contrast) in self.banks.chunks_exact_mut(2).zip(contrasts(count)).take(self.contrasts) {
            let side = |sign: i8| {
                self.sums.iter().zip(contrast).filter(|(_, side)| **side == sign).map(|(sum, _)| sum).sum()
            };
            let (a, b): (f64, f64) = (side(1), side(-1));
            for (bank, (above, below)) in pair.iter_mut().zip([(a, b), (b, a)]) {
                let difference = difference(above, below, config.margin());
                if difference != 0.0 {
                    bet_on_sign(bank, bets, difference, 1.0);
                }
            }
        }
        let terms = || self.banks[..2 * self.contrasts].iter().map(|bank| bank.log_e(bets, batch));
        let high = terms().fold(f64::NEG_INFINITY, f64::max);
        self.log_e =
            high + ln(terms().map(|term| exp(term - high)).sum::<f64>() / (2 * self.contrasts) as f64);
    }
}

/// The side of each group in each contrast: 1, -1, or 0 for neither.
fn contrasts(count: usize) -> &'static [[i8; GROUPS_MAX]] {
    match count {
        0 | 1 => &[],
        2 => &[[1, -1, 0, 0]],
        3 => &[[1, -1, 0, 0], [1, 0, -1, 0], [0, 1, -1, 0]],
        _ => &[[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]],
    }
}
