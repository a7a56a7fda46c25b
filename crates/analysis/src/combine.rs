//! Several signals at once.
//!
//! Every weighted mean of e-values is one, however they depend on each other, so the release goes back when the
//! mean reaches `1 / alpha`. Which signal is to blame is answered by *closed testing*: signal `j` is named when every
//! set of signals that contains `j` has a mean of at least `1 / alpha`. Then the chance to name any signal that is not
//! worse than tolerated is at most `alpha`, over all signals together. At equal weights `J / alpha` always suffices.
//!
//! Sources: Vovk, Wang, "E-values: calibration, combination and applications" (2021), also for the shortcut used
//! here; Marcus, Peritz, Gabriel, "On closed testing procedures" (1976).

use crate::log_space::{exp, ln};

/// The natural logarithm of the weighted mean of e-values, given as pairs of a weight and the logarithm of an
/// e-value. The weights, at least 0, sum to at most one and are fixed before the first block: a signal that is left
/// out later keeps its weight with minus infinity, it must not pass it on. Minus infinity when nothing is left.
pub fn combine(parts: &[(f64, f64)]) -> f64 {
    let counted = || parts.iter().filter(|(weight, log_e)| *weight > 0.0 && !log_e.is_nan());
    let high = counted().map(|(_, log_e)| *log_e).fold(f64::NEG_INFINITY, f64::max);
    if !high.is_finite() {
        return high;
    }
    let sum: f64 = counted().map(|(weight, log_e)| weight * exp(log_e - high)).sum();
    high + ln(sum)
}

/// The signals to blame, as positions in `parts` (pairs of a weight and the logarithm of an e-value), strongest
/// first: those that closed testing rejects at `alpha`; when it rejects none by itself, the strongest alone. Empty
/// only when there is no signal of positive weight.
///
/// The smallest mean over all sets that contain `j` is reached by adding the weakest others one by one for as long as
/// they lower the mean, so this takes `J log J` instead of `2^J` steps.
pub fn culprits(parts: &[(f64, f64)], alpha: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..parts.len())
        .filter(|position| parts[*position].0 > 0.0 && !parts[*position].1.is_nan())
        .collect();
    order.sort_by(|a, b| parts[*b].1.total_cmp(&parts[*a].1).then(a.cmp(b)));
    let threshold = -ln(alpha);
    let rejected = |position: &usize| least_mean(parts, &order, *position) >= threshold;
    let mut named: Vec<usize> = order.iter().copied().filter(|position| rejected(position)).collect();
    if named.is_empty() {
        named.extend(order.first());
    }
    named
}

/// The logarithm of the smallest weighted mean over all sets that contain `position`.
fn least_mean(parts: &[(f64, f64)], strongest_first: &[usize], position: usize) -> f64 {
    let (weight, log_e) = parts[position];
    // Everything relative to this one's e-value: others that are weaker never overflow.
    let (mut weights, mut sum) = (weight, weight);
    for other in strongest_first.iter().rev().filter(|other| **other != position) {
        let (other_weight, other_log_e) = parts[*other];
        let relative = exp((other_log_e - log_e).min(700.0));
        if relative * weights >= sum {
            break;
        }
        weights += other_weight;
        sum += other_weight * relative;
    }
    log_e + ln(sum / weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every set of signals that contains `position`, one by one.
    fn brute_force(parts: &[(f64, f64)], position: usize, alpha: f64) -> bool {
        (0..1_u32 << parts.len()).filter(|set| set >> position & 1 == 1).all(|set| {
            let chosen: Vec<_> =
                (0..parts.len()).filter(|each| set >> each & 1 == 1).map(|each| parts[each]).collect();
            let weights: f64 = chosen.iter().map(|(weight, _)| weight).sum();
            combine(&chosen) - ln(weights) >= -ln(alpha) - 1e-12
        })
    }

    #[test]
    fn the_shortcut_agrees_with_all_subsets() {
        let mut number = 1_u64;
        let mut next = || {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) as f64 / (1_u64 << 31) as f64
        };
        let mut named = 0;
        for _ in 0..3_000 {
            let count = 1 + (next() * 6.0) as usize;
            let parts: Vec<(f64, f64)> = (0..count).map(|_| (0.05 + next(), 12.0 * next() - 3.0)).collect();
            let by_hand: Vec<usize> =
                (0..count).filter(|position| brute_force(&parts, *position, 0.02)).collect();
            let mut answered = culprits(&parts, 0.02);
            if by_hand.is_empty() {
                assert_eq!(answered.len(), 1);
                let strongest = parts[answered[0]].1;
                assert!(parts.iter().all(|(_, log_e)| *log_e <= strongest));
            } else {
                named += 1;
                answered.sort_unstable();
                assert_eq!(answered, by_hand, "{parts:?}");
            }
        }
        assert!(named > 500, "only {named} of the cases named anybody");
    }

    #[test]
    fn at_equal_weights_j_over_alpha_suffices_and_the_mean_is_what_it_says() {
        let parts = [(0.25, 0.0), (0.25, -40.0), (0.25, 4_000.0_f64.ln()), (0.25, -1.0)];
        assert_eq!(culprits(&parts, 0.001), [2]);
        let mean = (1.0 + (-40.0_f64).exp() + 4_000.0 + (-1.0_f64).exp()) / 4.0;
        assert!((combine(&parts) - mean.ln()).abs() < 1e-12);
    }

    #[test]
    fn two_that_only_fire_together_name_the_stronger() {
        let parts = [(0.5, 990.0_f64.ln()), (0.5, 1_200.0_f64.ln())];
        assert!(combine(&parts) >= 1_000.0_f64.ln());
        assert_eq!(culprits(&parts, 0.001), [1]);
        let weaker = [(0.5, 900.0_f64.ln()), (0.5, 0.0)];
        assert_eq!(culprits(&weaker, 0.001), [0], "none by itself: the strongest alone");
    }

    #[test]
    fn extremes_stay_numbers_and_nothing_names_nobody() {
        assert_eq!(combine(&[]), f64::NEG_INFINITY);
        assert_eq!(
            combine(&[(0.5, f64::NEG_INFINITY), (0.5, 4.0)]),
            4.0 - 2.0_f64.ln(),
            "its weight is kept"
        );
        assert_eq!(culprits(&[], 0.01), Vec::<usize>::new());
        assert_eq!(culprits(&[(0.0, 50.0), (1.0, f64::NAN)], 0.01), Vec::<usize>::new());
        assert!((combine(&[(0.5, 1e5), (0.5, -1e5)]) - (1e5 - 2.0_f64.ln())).abs() < 1e-9);
        assert_eq!(culprits(&[(0.5, 1e5), (0.5, -1e5)], 0.01), [0]);
    }
}
