//! Chance with a fixed seed: the same seed gives the same traces, on every machine with the same arithmetic.

/// xoshiro256++ (Blackman, Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded by SplitMix64
/// (Steele, Lea, Flood 2014).
#[derive(Debug, Clone)]
pub(crate) struct Random([u64; 4]);

impl Random {
    /// A stream of its own for every pair of numbers.
    pub(crate) fn stream(seed: u64, run: u64) -> Self {
        let mut state = seed ^ split_mix(run.wrapping_add(0x52_49_50_43_4f_52_44));
        Self(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            split_mix(state)
        }))
    }

    fn word(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        let word = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        word
    }

    /// Uniform, at least 0 and below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform, at least `low` and below `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + (self.uniform() * (high - low) as f64) as u64
    }

    /// Normal with mean 0 and variance 1, by the polar method (Marsaglia, Bray 1964).
    pub(crate) fn normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = u * u + v * v;
            if square > 0.0 && square < 1.0 {
                return u * (-2.0 * square.ln() / square).sqrt();
            }
        }
    }

    /// Gamma with mean 1 and the given variance (above 0, at most 1): Marsaglia, Tsang, "A simple method for generating
    /// gamma variables" (2000).
    pub(crate) fn gamma(&mut self, variance: f64) -> f64 {
        let shape = 1.0 / variance;
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v / shape;
            }
        }
    }

    /// How many of `n` trials succeed when each does with chance `p`; below 0 counts as 0 and above 1 as 1.
    ///
    /// Inversion outwards from the mode: exact up to rounding, in about as many steps as the standard deviation.
    pub(crate) fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if n == 0 || p <= 0.0 {
            return 0;
        }
        if p >= 1.0 {
            return n;
        }
        let odds = p / (1.0 - p);
        let mode = ((n + 1) as f64 * p).floor().min(n as f64) as u64;
        let (mut low, mut high) = (mode, mode);
        let chance = log_chance(n, p, mode).exp();
        let (mut chance_low, mut chance_high) = (chance, chance);
        let mut left = self.uniform() - chance;
        while left >= 0.0 {
            let before = (low, high);
            if high < n {
                chance_high *= odds * (n - high) as f64 / (high + 1) as f64;
                high += 1;
                left -= chance_high;
                if left < 0.0 {
                    return high;
                }
            }
            if low > 0 {
                chance_low *= low as f64 / (odds * (n - low + 1) as f64);
                low -= 1;
                left -= chance_low;
                if left < 0.0 {
                    return low;
                }
            }
            // Rounding left something over: less than once in 10^12 draws.
            if before == (low, high) || chance_low.max(chance_high) < 1e-30 {
                return mode;
            }
        }
        mode
    }
}

fn split_mix(word: u64) -> u64 {
    let z = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The logarithm of the chance of `k` successes in `n` trials.
fn log_chance(n: u64, p: f64, k: u64) -> f64 {
    let none = (-p).ln_1p();
    if k == 0 {
        return n as f64 * none;
    }
    log_factorial(n) - log_factorial(k) - log_factorial(n - k) + k as f64 * p.ln() + (n - k) as f64 * none
}

/// `ln(k!)`, by Stirling's series from 16 on (an error below 1e-13).
pub(super) fn log_factorial(k: u64) -> f64 {
    const TABLE: [f64; 16] = [
        0.0,
        0.0,
        std::f64::consts::LN_2,
        1.791_759_469_228_055,
        3.178_053_830_347_945_8,
        4.787_491_742_782_046,
        6.579_251_212_010_101,
        8.525_161_361_065_415,
        10.604_602_902_745_25,
        12.801_827_480_081_469,
        15.104_412_573_075_516,
        17.502_307_845_873_887,
        19.987_214_495_661_885,
        22.552_163_853_123_42,
        25.191_221_182_738_68,
        27.899_271_383_840_89,
    ];
    if let Some(exact) = TABLE.get(k as usize) {
        return *exact;
    }
    let x = (k + 1) as f64;
    let half_ln_two_pi = 0.918_938_533_204_672_8;
    let square = x * x;
    let rest = (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1_260.0 - 1.0 / 1_680.0 / square) / square) / square) / x;
    (x - 0.5) * x.ln() - x + half_ln_two_pi + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: u32 = 60_000;

    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..DRAWS {
            let value = draw();
            sum += value;
            squares += value * value;
        }
        let mean = sum / f64::from(DRAWS);
        (mean, squares / f64::from(DRAWS) - mean * mean)
    }

    /// Within five standard errors of the mean, and 4 % of the variance.
    fn assert_moments(name: &str, expected: (f64, f64), draw: impl FnMut() -> f64) {
        let (mean, variance) = moments(draw);
        let error = (expected.1 / f64::from(DRAWS)).sqrt();
        assert!((mean - expected.0).abs() < 5.0 * error, "{name}: mean {mean} of {}", expected.0);
        assert!((variance / expected.1 - 1.0).abs() < 0.04, "{name}: variance {variance} of {}", expected.1);
    }

    #[test]
    fn everything_drawn_has_the_mean_and_the_variance_it_should() {
        let mut random = Random::stream(1, 2);
        assert_moments("uniform", (0.5, 1.0 / 12.0), || random.uniform());
        assert_moments("normal", (0.0, 1.0), || random.normal());
        for variance in [0.04, 0.25, 1.0] {
            assert_moments("gamma", (1.0, variance), || random.gamma(variance));
        }
        for (n, p) in
            [(5, 0.3), (50, 0.01), (2_000, 0.01), (40, 0.9), (1_000_000, 0.02), (30, 0.4), (200, 0.5)]
        {
            let expected = (n as f64 * p, n as f64 * p * (1.0 - p));
            assert_moments(&format!("binomial {n} {p}"), expected, || random.binomial(n, p) as f64);
        }
        assert_moments("between", (24.5, 2_499.0 / 12.0), || random.between(0, 50) as f64);
    }

    #[test]
    fn every_value_of_a_binomial_comes_as_often_as_it_should() {
        for (n, p) in [(40_u64, 0.3_f64), (400, 0.01), (12, 0.85)] {
            let mut seen = vec![0_u32; n as usize + 1];
            let mut random = Random::stream(3, n);
            for _ in 0..DRAWS {
                seen[random.binomial(n, p) as usize] += 1;
            }
            let (mut chi_square, mut values) = (0.0, 0.0);
            for (value, seen) in seen.iter().enumerate() {
                let expected = log_chance(n, p, value as u64).exp() * f64::from(DRAWS);
                if expected > 20.0 {
                    chi_square += (f64::from(*seen) - expected).powi(2) / expected;
                    values += 1.0;
                }
            }
            assert!(values > 5.0 && chi_square < 2.5 * values, "{n} {p}: {chi_square} over {values}");
        }
    }

    #[test]
    fn factorials_agree_with_products_on_both_sides_of_the_seam() {
        let mut product = 0.0;
        for k in 1..60_u64 {
            product += (k as f64).ln();
            assert!((log_factorial(k) - product).abs() < 1e-11, "{k}");
        }
    }

    #[test]
    fn extremes_are_exact_and_streams_differ() {
        let mut random = Random::stream(1, 1);
        assert_eq!((random.binomial(0, 0.5), random.binomial(9, 0.0), random.binomial(9, 1.0)), (0, 0, 9));
        let first = |seed, run| Random::stream(seed, run).word();
        assert_eq!(first(1, 1), first(1, 1));
        assert!(first(1, 1) != first(1, 2) && first(1, 1) != first(2, 1));
    }
}
