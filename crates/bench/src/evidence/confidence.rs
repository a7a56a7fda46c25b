//! How sure a measured rate is.

use super::random::log_factorial;

/// The upper end of the one-sided exact interval of a chance of which `seen` of `runs` were seen (Clopper, Pearson
/// 1934): the largest chance under which so few would still be seen with probability `error`.
pub(crate) fn upper(seen: u64, runs: u64, error: f64) -> f64 {
    if seen >= runs {
        return 1.0;
    }
    bisect(|chance| at_most(seen, runs, chance) >= error)
}

/// The lower end: the smallest chance under which so many would still be seen with probability `error`.
pub(crate) fn lower(seen: u64, runs: u64, error: f64) -> f64 {
    if seen == 0 {
        return 0.0;
    }
    bisect(|chance| 1.0 - at_most(seen - 1, runs, chance) <= error)
}

/// The largest chance that is still `low`.
fn bisect(low: impl Fn(f64) -> bool) -> f64 {
    let (mut from, mut to) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(from, to);
        if low(middle) { from = middle } else { to = middle }
    }
    f64::midpoint(from, to)
}

/// The chance that at most `seen` of `runs` happen.
fn at_most(seen: u64, runs: u64, chance: f64) -> f64 {
    if chance <= 0.0 {
        return 1.0;
    }
    if chance >= 1.0 {
        return if seen >= runs { 1.0 } else { 0.0 };
    }
    let (happens, not) = (chance.ln(), (-chance).ln_1p());
    let all = log_factorial(runs);
    let log_chance = |k: u64| {
        all - log_factorial(k) - log_factorial(runs - k) + k as f64 * happens + (runs - k) as f64 * not
    };
    // Downwards from the largest term of the sum; terms fall off faster than geometrically below the mean.
    let top = seen.min(((runs + 1) as f64 * chance).floor() as u64);
    let below: f64 = (0..=top).rev().map(|k| log_chance(k).exp()).take_while(|term| *term > 1e-18).sum();
    let above: f64 = (top + 1..=seen).map(|k| log_chance(k).exp()).sum();
    (below + above).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_what_tables_print() {
        // None of n: 1 - error^(1/n), by hand. 10 of 100 at 2.5 %: 4.90 % to 17.62 %, as printed everywhere.
        assert!((upper(0, 20_000, 0.01) - (1.0 - 0.01_f64.powf(1.0 / 20_000.0))).abs() < 1e-12);
        assert!((upper(10, 100, 0.025) - 0.176_222_6).abs() < 1e-6);
        assert!((lower(10, 100, 0.025) - 0.049_004_7).abs() < 1e-6);
        assert_eq!((lower(0, 50, 0.01), upper(50, 50, 0.01)), (0.0, 1.0));
    }

    #[test]
    fn a_large_count_is_within_the_normal_approximation() {
        let (rate, runs) = (0.4, 100_000.0_f64);
        let expected = rate + 2.326 * (rate * (1.0 - rate) / runs).sqrt();
        assert!((upper(40_000, 100_000, 0.01) - expected).abs() < 2e-5);
    }
}
