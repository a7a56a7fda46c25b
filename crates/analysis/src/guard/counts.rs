//! Groups of counts.
//!
//! Given that `s` events of a block were bad in all, group `g` has each of them with probability `f_g`, its share of all
//! events, if the groups are alike. From earlier blocks, with `b_g` bad events where `e_g` were to be expected, follows a
//! guess of how many times as bad each group is,
//!
//! ```text
//! rho_g = (k + b_g) / (k + e_g),   k = 1 / spread^2
//! log increment = sum over g of x_g ln(rho_g / null_g)
//! ```
//!
//! where `null` is the point nearest to `rho` among all at which no two groups differ by more than `1 + margin`: `rho`, cut
//! at some `t` below and at `(1 + margin) t` above, so that the mean over the shares stays what it was. With no margin
//! that is the mean itself.
//!
//! Guarantee: the guess over its reverse information projection onto a convex null is an e-value for each bad event, so
//! is their product, and so is the mean over several spreads. Counts that vary more than independent events are
//! tempered, see [`crate::dispersion`].
//!
//! Source: Turner, Ly, Grünwald, arXiv 2106.02693, for `k` samples.

use serde::{Deserialize, Serialize};

use super::{GuardConfig, config::SPREADS_MAX};
use crate::{
    dispersion::{Dispersion, GROUPS_MAX, Groups, SHARE_MIN},
    elementary::ln_of_normal,
    exposure::Exposure,
    log_space::{ln, log_add},
    stored,
};

/// What is remembered of the groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountsGuard {
    /// Bad events of each group, and how many were to be expected.
    bad: [f64; GROUPS_MAX],
    expected: [f64; GROUPS_MAX],
    /// Natural logarithms, one per spread.
    log_wealth: [f64; SPREADS_MAX],
    #[serde(deserialize_with = "stored::finite")]
    log_e: f64,
}

impl CountsGuard {
    pub(crate) fn new() -> Self {
        Self {
            bad: [0.0; GROUPS_MAX],
            expected: [0.0; GROUPS_MAX],
            log_wealth: [0.0; SPREADS_MAX],
            log_e: 0.0,
        }
    }

    /// Takes in what the groups said, tempered by what was learnt of their dispersion before. Without any such
    /// knowledge, in the first block, it learns only.
    pub(crate) fn absorb(&mut self, config: &GuardConfig, groups: &Groups, past: &Dispersion) {
        let all: f64 = groups.iter().map(|group| group.n).sum();
        if all <= 0.0 {
            return;
        }
        let present = groups.map(|group| if group.n / all < SHARE_MIN { Exposure::default() } else { group });
        let all: f64 = present.iter().map(|group| group.n).sum();
        let bad = present.map(|group| group.bad);
        let bad_all: f64 = bad.iter().sum();
        if bad_all <= 0.0 {
            return;
        }
        let shares = present.map(|group| group.n / all);
        if let Some(rate) = past.rate() {
            let phi = past.alone(rate * all * shares.iter().map(|share| share * share).sum::<f64>());
            for (wealth, spread) in self.log_wealth.iter_mut().zip(config.spreads()) {
                let k = 1.0 / (spread * spread);
                let rho = std::array::from_fn(|group| (k + self.bad[group]) / (k + self.expected[group]));
                *wealth += log_increment(&rho, &shares, config.margin(), &bad) / phi;
            }
            self.log_e = self.mean(config.spreads().len());
        }
        for group in 0..GROUPS_MAX {
            self.bad[group] += bad[group];
            self.expected[group] += bad_all * shares[group];
        }
    }

    /// The logarithm of the evidence that groups differ.
    pub(crate) fn log_e(&self) -> f64 {
        self.log_e
    }

    /// How many groups were seen, and how many times as bad the worst of them is as the best; guesses drawn to one.
    pub(crate) fn range(&self, config: &GuardConfig) -> (u32, f64) {
        let k = 1.0 / (config.spreads()[0] * config.spreads()[0]);
        let seen = self.bad.iter().zip(&self.expected).filter(|(_, expected)| **expected > 0.0);
        let guesses = seen.map(|(bad, expected)| (k + bad) / (k + expected));
        let (count, least, most) = guesses
            .fold((0, f64::INFINITY, 0.0_f64), |(count, least, most), guess| {
                (count + 1, least.min(guess), most.max(guess))
            });
        (count, if count > 1 { most / least } else { 1.0 })
    }

    fn mean(&self, count: usize) -> f64 {
        let sum = self.log_wealth[..count].iter().copied().reduce(log_add);
        sum.map_or(0.0, |sum| if count == 1 { sum } else { sum - ln(count as f64) })
    }
}

type PerGroup = [f64; GROUPS_MAX];

/// `sum of x ln(rho / null)`.
fn log_increment(rho: &PerGroup, shares: &PerGroup, margin: f64, bad: &PerGroup) -> f64 {
    let Some(low) = cut(rho, shares, margin) else {
        return 0.0;
    };
    let high = low * (1.0 + margin);
    // Without branches, so that all groups are computed at a time; inside the bounds it is the logarithm of one.
    let over_null: PerGroup = std::array::from_fn(|group| rho[group] / rho[group].max(low).min(high));
    let logs = over_null.map(ln_of_normal);
    bad.iter().zip(logs).map(|(bad, log)| bad * log).sum()
}

/// Where `rho` is cut below: the `t` at which what is added below `t` equals what is taken off above `(1 + margin) t`,
/// weighted with the shares. `None` when nothing has to be cut.
fn cut(rho: &PerGroup, shares: &PerGroup, margin: f64) -> Option<f64> {
    let present = || (0..GROUPS_MAX).filter(|group| shares[*group] > 0.0);
    let least = present().map(|group| rho[group]).fold(f64::INFINITY, f64::min);
    let most = present().map(|group| rho[group]).fold(0.0, f64::max);
    if most <= least * (1.0 + margin) {
        return None;
    }
    if margin == 0.0 {
        let (weight, mass) = shares
            .iter()
            .zip(rho)
            .fold((0.0, 0.0), |(weight, mass), (share, rho)| (weight + share, mass + share * rho));
        return Some(mass / weight);
    }
    // The balance is linear between the points where a group begins or ceases to be cut, so that solving for the
    // groups cut at the moment finds them all after a few steps.
    let mut low = (least * most / (1.0 + margin)).sqrt();
    for _ in 0..2 * GROUPS_MAX {
        let high = low * (1.0 + margin);
        let (mut weight, mut mass) = (0.0, 0.0);
        for group in present() {
            if rho[group] < low {
                weight += shares[group];
                mass += shares[group] * rho[group];
            } else if rho[group] > high {
                weight += shares[group] * (1.0 + margin);
                mass += shares[group] * rho[group];
            }
        }
        if weight <= 0.0 {
            return None;
        }
        let next = mass / weight;
        if next == low {
            break;
        }
        low = next;
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARES: PerGroup = [0.4, 0.3, 0.2, 0.1];

    fn mean(values: &PerGroup) -> f64 {
        values.iter().zip(SHARES).map(|(value, share)| value * share).sum()
    }

    #[test]
    fn the_null_keeps_the_mean_and_its_expectation_is_at_most_one_at_every_corner() {
        let mut number = 3_u64;
        let mut next = || {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) as f64 / (1_u64 << 31) as f64
        };
        for case in 0..2_000 {
            let rho: PerGroup = std::array::from_fn(|_| (3.0 * next() - 1.5).exp());
            let margin = [0.0, 0.05, 0.3, 2.0][case % 4];
            let Some(low) = cut(&rho, &SHARES, margin) else { continue };
            let high = low * (1.0 + margin);
            let null = rho.map(|rho| rho.clamp(low, high));
            assert!((mean(&null) / mean(&rho) - 1.0).abs() < 1e-9, "{rho:?} {margin}");
            for corner in 0..16_u32 {
                let truth: PerGroup =
                    std::array::from_fn(|group| if corner >> group & 1 == 1 { 1.0 + margin } else { 1.0 });
                let expectation: f64 = (0..GROUPS_MAX)
                    .map(|group| SHARES[group] * truth[group] / mean(&truth) * rho[group] / null[group])
                    .sum();
                assert!(expectation < 1.0 + 1e-9, "{expectation} for {rho:?}, margin {margin}");
            }
        }
    }

    #[test]
    fn without_a_margin_the_null_is_the_mean_and_alike_is_nothing_to_bet_on() {
        let rho = [2.0, 1.0, 0.5, 1.0];
        assert!((cut(&rho, &SHARES, 0.0).unwrap() - mean(&rho)).abs() < 1e-12);
        assert_eq!(cut(&rho, &SHARES, 3.0), None);
        assert_eq!(cut(&[1.0; 4], &SHARES, 0.0), None);
        // An absent group does not count.
        assert_eq!(cut(&[1.0, 1.0, 9.0, 9.0], &[0.5, 0.5, 0.0, 0.0], 0.1), None);
    }
}
