//! Numbers of a test for which nobody says others.
//!
//! Bets, their weights and starts of a release stand in its blueprint, which has better weights than the even ones here.
//! Everything else that a test needs stands here; each test's fingerprint covers what it uses.

use crate::{
    bank::Start,
    elementary::{exp, ln},
};

/// How many bets there are.
const BETS: usize = 16;
/// The mildest and the boldest bet on how many times worse the canary is than tolerated.
const BET_MIN: f64 = 1.1;
const BET_MAX: f64 = 32.0;
/// The part of the wealth that bets on harm from the first block.
pub const FIRST_START: f64 = 0.5;
/// Of the wealth that does not bet from the first block, the part kept for starts after the planned blocks.
pub const TAIL: f64 = 0.05;
/// The guard lets differences between instances pass up to this part of what the rule tolerates: none. Half of it would
/// let one offset in nine through. Whether a difference is too small to matter is asked of the effect instead: see
/// [`crate::watch::WatchState::distrusts`].
pub const GUARD_MARGIN: f64 = 0.0;
/// The weight of the prior of the two-sample test: of all symmetric beta priors the one with the least regret in
/// Turner, Ly, Grünwald, arXiv 2106.02693.
pub const PRIOR: f64 = 0.18;

/// From this share of the control on, bad events are not rare, and the two-sample test judges.
pub const COMMON_FROM: f64 = 0.1;
/// The least and the most samples of a batch of a gauge.
pub const BATCH: (u32, u32) = (20, 240);

/// The bets on harm, each the same multiple of the one before.
pub fn bets() -> Vec<f64> {
    geometric(BET_MIN, BET_MAX, BETS)
}

/// Their reciprocals: bets on safety.
pub fn safety_bets() -> Vec<f64> {
    reciprocal(&bets())
}

/// The weights of [`bets`] and of [`safety_bets`].
pub fn weights() -> Vec<f64> {
    uniform(BETS)
}

/// Starts for a release that is expected to last `planned_blocks`.
pub fn start(planned_blocks: u32) -> Start {
    Start::Weighted { first: FIRST_START, every: 1, blocks: planned_blocks.max(2) }
}

/// By how much instances may be expected to differ, as relative standard deviations.
pub fn guard_spreads() -> Vec<f64> {
    vec![0.3, 0.1]
}

/// For gauges, the guard's bets on differences of logarithms.
pub fn guard_signs() -> Vec<f64> {
    vec![2.0, 8.0, 32.0, 128.0]
}

/// The bets on differences of logarithms: from a shift by a few times down to one of a percent.
pub fn sign_bets() -> Vec<f64> {
    (-1..8).map(|power| 2.0_f64.powi(power)).collect()
}

/// Where edges are chosen for a signal about the latency at `quantile`: there first, and in the middle and in the tail.
pub fn quantiles(quantile: f64) -> Vec<f64> {
    let others = [0.5, 0.9, 0.99, 0.999].into_iter().filter(|other| *other != quantile);
    std::iter::once(quantile).chain(others).collect()
}

/// One over each bet: the same bets with the hypotheses reversed.
pub fn reciprocal(bets: &[f64]) -> Vec<f64> {
    bets.iter().map(|bet| bet.recip()).collect()
}

/// The same weight for each of `count` bets.
pub fn uniform(count: usize) -> Vec<f64> {
    vec![1.0 / count as f64; count]
}

/// `count` numbers, at least 2, from `low` to `high`, each the same multiple of the one before.
pub fn geometric(low: f64, high: f64, count: usize) -> Vec<f64> {
    let step = ln(high / low) / (count - 1) as f64;
    (0..count).map(|position| exp(ln(low) + step * position as f64)).collect()
}
