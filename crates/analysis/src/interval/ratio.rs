//! The ratio of two rates.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Interval, ends::ends};
use crate::{
    exposure::Exposure,
    log_space::{exp, ln, log_sum},
    rate_ratio::Split,
    stored,
};

/// How many values of the ratio are kept.
const VALUES: usize = 23;
/// From 1/32 to 32.
const VALUE_MAX: f64 = 32.0;
/// How much denser the grid is around 1 than at its ends.
const BEND: f64 = 2.5;

/// Larger logarithms are not known to a part of one any more: more than 10^12 bad events.
const LOG_EXACT_MAX: f64 = 1e13;
/// An end beyond a factor of about a million is no end.
const LOG_END_MAX: f64 = 14.0;

/// The values, and their logarithms `ln(32) sinh(b t) / sinh(b)` over evenly spaced `t` from -1 to 1.
struct Grid {
    values: [f64; VALUES],
    logs: [f64; VALUES],
}

static GRID: LazyLock<Grid> = LazyLock::new(|| {
    let middle = (VALUES / 2) as f64;
    // sinh by exponentials, so that one implementation of `exp` decides every bit.
    let sinh = |b: f64| (exp(b) - exp(-b)) / 2.0;
    let logs = std::array::from_fn(|position| {
        let t = (position as f64 - middle) / middle;
        ln(VALUE_MAX) * sinh(BEND * t) / sinh(BEND)
    });
    Grid { values: logs.map(exp), logs }
});

/// The likelihood of the ratio `rho` of the canary's rate over the control's, given how many events were bad on both:
///
/// ```text
/// log L(rho) = x ln(rho) - (x + y) ln(1 + q (rho - 1)),   q = n_c / (n_c + n_t)
/// ```
///
/// It is the rate ratio test of every `rho` against one, see [`crate::rate_ratio`]: exact for Poisson counts, and too
/// wide rather than too narrow for Bernoulli events that are not rare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ratio {
    #[serde(deserialize_with = "stored::all_finite")]
    log_likelihood: Box<[f64]>,
}

impl Ratio {
    pub(crate) fn new() -> Self {
        Self { log_likelihood: Box::new([0.0; VALUES]) }
    }

    pub(crate) fn absorb(&mut self, (canary, control): (Exposure, Exposure), phi: f64) {
        if canary.n <= 0.0 || control.n <= 0.0 {
            return;
        }
        let Some(split) = Split::of(canary, control, canary.n) else { return };
        let split = split.tempered(phi);
        let grid = &*GRID;
        for (log, (value, log_value)) in
            self.log_likelihood.iter_mut().zip(grid.values.iter().zip(&grid.logs))
        {
            *log += split.log_likelihood_ratio(*value, *log_value);
        }
    }

    /// The interval of the ratio at error probability `alpha`.
    pub(crate) fn interval(&self, alpha: f64) -> Interval {
        let is_exact = self.log_likelihood.iter().all(|log| log.abs() < LOG_EXACT_MAX);
        if self.log_likelihood.len() != VALUES || !is_exact {
            return (None, None);
        }
        let uniform = [-ln(VALUES as f64); VALUES];
        let bound = log_sum(&self.log_likelihood, &uniform) + ln(alpha);
        let (low, high) = ends(&GRID.logs, &self.log_likelihood, bound);
        let value = |end: Option<f64>| end.filter(|end| end.abs() < LOG_END_MAX).map(exp);
        (value(low), value(high))
    }
}
