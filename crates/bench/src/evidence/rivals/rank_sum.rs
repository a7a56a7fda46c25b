//! The test of Mann and Whitney, by the normal approximation.
//!
//! With `U` the number of pairs in which `x` is larger (ties count half) and `N = n_x + n_y`:
//!
//! ```text
//! z = (U - n_x n_y / 2 - c) / sigma,   sigma^2 = n_x n_y / 12 (N + 1 - sum(t^3 - t) / (N (N - 1)))
//! ```
//!
//! over the sizes `t` of groups of equal values; `c` is the correction for continuity, half a step towards zero. Source:
//! Mann, Whitney, "On a test of whether one of two random variables is stochastically larger than the other" (1947);
//! Lehmann, *Nonparametrics* (1975), for ties. The same as `wilcox.test(exact = FALSE)` of R.

/// How two samples compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RankSum {
    /// Pairs in which the first is larger, ties half.
    pub(super) u: f64,
    /// `U` less its mean under the null hypothesis.
    excess: f64,
    sigma: f64,
}

impl RankSum {
    /// Compares `x - shift` with `y`; `None` when one of them is empty or all values are equal.
    pub(super) fn of(x: &[f64], y: &[f64], shift: f64) -> Option<Self> {
        let first = x.iter().map(|value| (value - shift, true));
        let mut all: Vec<(f64, bool)> = first.chain(y.iter().map(|value| (*value, false))).collect();
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let (mut ranks, mut ties, mut before) = (0.0, 0.0, 0.0);
        for equal in all.chunk_by(|a, b| a.0 == b.0) {
            let size = equal.len() as f64;
            let firsts = equal.iter().filter(|(_, first)| *first).count() as f64;
            ranks += firsts * (before + (size + 1.0) / 2.0);
            ties += size.powi(3) - size;
            before += size;
        }
        let (n_x, n_y, n) = (x.len() as f64, y.len() as f64, before);
        let u = ranks - n_x * (n_x + 1.0) / 2.0;
        let variance = n_x * n_y / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)));
        (variance > 0.0).then(|| Self { u, excess: u - n_x * n_y / 2.0, sigma: variance.sqrt() })
    }

    /// The chance of so large a `U`, or a larger one.
    pub(super) fn p_greater(self) -> f64 {
        above((self.excess - 0.5) / self.sigma)
    }

    /// The chance of a `U` so far from its mean.
    pub(super) fn p_two_sided(self) -> f64 {
        (2.0 * above((self.excess.abs() - 0.5) / self.sigma)).min(1.0)
    }
}

/// The median of all differences of a value of `x` and one of `y` (Hodges, Lehmann 1963), to about 1e-12 of their range:
/// of an even number of them the lower middle one. `None` when one is empty.
pub(super) fn median_difference(x: &[f64], y: &[f64]) -> Option<f64> {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (x, y) = (sorted(x), sorted(y));
    let (mut low, mut high) = (x.first()? - y.last()?, x.last()? - y.first()?);
    let half = (x.len() * y.len()).div_ceil(2);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if pairs_at_most(&x, &y, middle) >= half { high = middle } else { low = middle }
    }
    Some(high)
}

/// How many differences of sorted values are at most `limit`.
fn pairs_at_most(x: &[f64], y: &[f64], limit: f64) -> usize {
    let mut smaller = 0;
    let mut pairs = 0;
    for value in x {
        while smaller < y.len() && value - y[smaller] > limit {
            smaller += 1;
        }
        pairs += y.len() - smaller;
    }
    pairs
}

/// The chance that a standard normal value is above `z`: the complementary error function by Chebyshev's fit, to 1.2e-7
/// relative (Press et al., *Numerical Recipes*, 6.2).
fn above(z: f64) -> f64 {
    const FIT: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let fit = FIT.iter().rev().fold(0.0, |sum, factor| sum * t + factor);
    let tail = 0.5 * t * (fit - x * x).exp();
    if z >= 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_ties_it_is_what_the_formula_gives_by_hand() {
        // U: 1.1 beats none, 2.2 one (1.5), 5 two, 6 three. 6 of 12; mean 6 makes z 0.
        let even = RankSum::of(&[1.1, 2.2, 5.0, 6.0], &[1.5, 4.0, 5.5], 0.0).unwrap();
        assert_eq!((even.u, even.p_two_sided()), (6.0, 1.0));
        // All of 5 above all of 5: U = 25, sigma = sqrt(25 / 12 * 11) = 4.787136, z = 12 / 4.787136 = 2.506720.
        let apart = RankSum::of(&[6.0, 7.0, 8.0, 9.0, 10.0], &[1.0, 2.0, 3.0, 4.0, 5.0], 0.0).unwrap();
        assert_eq!(apart.u, 25.0);
        assert!((apart.p_two_sided() - 0.012_185_780_355_344).abs() < 1e-8, "{}", apart.p_two_sided());
        assert!((apart.p_greater() - 0.006_092_890).abs() < 1e-8);
    }

    #[test]
    fn ties_count_half_and_make_the_variance_smaller() {
        // Values 1 2 2 3 against 2 2 4 4. U = 0 + 2 * 1 + 2 = 4 of 16. Groups of 4 and 2: sum(t^3 - t) = 66.
        // sigma^2 = 16 / 12 (9 - 66 / 56) = 10.428571; z = (4 - 0.5) / 3.229330 = 1.083816.
        let tied = RankSum::of(&[1.0, 2.0, 2.0, 3.0], &[2.0, 2.0, 4.0, 4.0], 0.0).unwrap();
        assert_eq!(tied.u, 4.0);
        assert!((tied.sigma - 3.229_330).abs() < 1e-6, "{}", tied.sigma);
        assert!((tied.p_two_sided() - 0.278_45).abs() < 1e-4, "{}", tied.p_two_sided());
    }

    #[test]
    fn equal_values_and_empty_samples_compare_to_nothing() {
        assert_eq!(RankSum::of(&[0.0; 5], &[0.0; 5], 0.0), None);
        assert_eq!(RankSum::of(&[], &[1.0, 2.0], 0.0), None);
        assert_eq!(median_difference(&[1.0], &[]), None);
    }

    #[test]
    fn the_estimated_shift_is_the_median_of_all_differences() {
        // Differences of 3 7 9 and 1 2 4: -1 1 2 3 5 5 6 7 8.
        assert!((median_difference(&[7.0, 3.0, 9.0], &[4.0, 1.0, 2.0]).unwrap() - 5.0).abs() < 1e-9);
        let shifted = RankSum::of(&[7.0, 3.0, 9.0], &[4.0, 1.0, 2.0], 5.5).unwrap();
        assert_eq!(shifted.u, 3.0, "6, 7 and 8 are above the shift");
    }
}
