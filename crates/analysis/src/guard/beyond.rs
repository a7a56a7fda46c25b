//! Is what is seen more than instances that differ could explain?
//!
//! The rate ratio test with the margin widened by what the control's own instances differ by, as it is known before each
//! block. For each bet the statistic is `C_t = max(C_(t-1), 1) L_t`, `L_t` the factor by which the block multiplies
//! the wealth, so that a regression counts from where it begins, however late.
//!
//! Guarantee: the mean over the bets is an e-detector. While the widened null is true it reaches `c` on average not once
//! in `c` blocks.
//!
//! Source: Shin, Ramdas, Rinaldo, "E-detectors", arXiv 2203.03532, for the CUSUM of e-values.

use serde::{Deserialize, Serialize};

use crate::{exposure::Exposure, log_space::log_sum, rate_ratio::Split, stored};

/// Bets on how many times more is seen than explained, and their logarithms.
const BETS: [(f64, f64); 3] =
    [(1.3, 0.262_364_264_467_491_06), (2.0, std::f64::consts::LN_2), (4.0, 2.0 * std::f64::consts::LN_2)];

/// `ln(3)`, of the number of bets.
const LN_BETS: f64 = 1.098_612_288_668_109_8;

/// `ln(10 000)`: by accident seen on average not once in so many blocks.
const LOG_BAR: f64 = 9.210_340_371_976_184;

/// What speaks for more than instances that differ: a natural logarithm per bet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Beyond {
    #[serde(deserialize_with = "stored::finite_array")]
    log_c: [f64; BETS.len()],
}

impl Beyond {
    /// Takes in a block. `tolerated` times as bad as the control the canary may be, and `explained` times more by what
    /// instances differ. `phi` as everywhere.
    pub(crate) fn absorb(
        &mut self,
        (canary, control): (Exposure, Exposure),
        tolerated: f64,
        explained: f64,
        phi: f64,
    ) {
        if canary.n <= 0.0 || control.n <= 0.0 {
            return;
        }
        let Some(split) = Split::of(canary, control, canary.n * tolerated * explained) else { return };
        let split = split.tempered(phi);
        for (log_c, (bet, log_bet)) in self.log_c.iter_mut().zip(BETS) {
            *log_c = log_c.max(0.0) + split.log_likelihood_ratio(bet, log_bet);
        }
    }

    /// Whether the canary is worse than instances that differ could explain.
    pub(crate) fn is_shown(&self) -> bool {
        log_sum(&self.log_c, &[-LN_BETS; BETS.len()]) >= LOG_BAR
    }
}
