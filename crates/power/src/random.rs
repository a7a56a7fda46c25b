//! Randomness with a fixed seed: the same seed gives the same plan, on every machine with the same arithmetic.

/// Below this mean a binomial is drawn by walking along its probabilities, above by rejection.
const WALK_BELOW: f64 = 10.0;
/// The chance of one trial when a Poisson variable is drawn as a binomial; the total variation between the two is at
/// most this (Le Cam 1960).
const POISSON_TRIAL: f64 = 1e-6;

/// SplitMix64 (Steele, Lea, Flood 2014): one word of state, equidistributed, enough for a simulation.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// A stream of its own for every number.
    pub(crate) fn stream(number: u64) -> Self {
        let mut random = Self(0x0052_4950_434f_5244 ^ number.wrapping_mul(0xd134_2543_de82_ef95));
        random.word();
        random
    }

    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform, at least 0 and below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How many of `n` trials succeed when each does with chance `p` (0 to 1).
    pub(crate) fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if p > 0.5 {
            return n - self.binomial(n, 1.0 - p);
        }
        if n == 0 || p <= 0.0 {
            0
        } else if n as f64 * p < WALK_BELOW {
            self.walk(n, p)
        } else {
            self.transformed_rejection(n as f64, p) as u64
        }
    }

    /// How often something happens that is expected `mean` times (at least 0).
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        self.binomial((mean / POISSON_TRIAL).round() as u64, POISSON_TRIAL)
    }

    /// Inversion: adds up the probabilities of 0, 1, 2, … until they exceed a uniform number.
    fn walk(&mut self, n: u64, p: f64) -> u64 {
        let odds = p / (1.0 - p);
        let none = (n as f64 * (-p).ln_1p()).exp();
        'again: loop {
            let (mut left, mut chance) = (self.uniform(), none);
            for successes in 0..=n.min(150) {
                if left < chance {
                    return successes;
                }
                left -= chance;
                chance *= odds * (n - successes) as f64 / (successes + 1) as f64;
            }
            // Rounding left something over; it happens less than once in 10^14 draws.
            continue 'again;
        }
    }

    /// BTRS: Hörmann, "The generation of binomial random variates" (1993). Exact for a mean of at least 10.
    fn transformed_rejection(&mut self, n: f64, p: f64) -> f64 {
        let deviation = (n * p * (1.0 - p)).sqrt();
        let b = 1.15 + 2.53 * deviation;
        let a = -0.0873 + 0.0248 * b + 0.01 * p;
        let centre = n * p + 0.5;
        let quick = 0.92 - 4.2 / b;
        let odds = p / (1.0 - p);
        let alpha = (2.83 + 5.1 / b) * deviation;
        let mode = ((n + 1.0) * p).floor();
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let room = 0.5 - u.abs();
            let k = ((2.0 * a / room + b) * u + centre).floor();
            if room >= 0.07 && v <= quick {
                return k;
            }
            if k < 0.0 || k > n {
                continue;
            }
            let height = (v * alpha / (a / (room * room) + b)).ln();
            let bound = (mode + 0.5) * ((mode + 1.0) / (odds * (n - mode + 1.0))).ln()
                + (n + 1.0) * ((n - mode + 1.0) / (n - k + 1.0)).ln()
                + (k + 0.5) * (odds * (n - k + 1.0) / (k + 1.0)).ln()
                + stirling_rest(mode)
                + stirling_rest(n - mode)
                - stirling_rest(k)
                - stirling_rest(n - k);
            if height <= bound {
                return k;
            }
        }
    }
}

/// What Stirling's formula for `ln(k!)`, shifted by one, leaves out.
fn stirling_rest(k: f64) -> f64 {
    let whole = k + 1.0;
    let ln_factorial = |k: f64| (2..=k as u64).map(|factor| (factor as f64).ln()).sum::<f64>();
    if k < 10.0 {
        let half_ln_two_pi = 0.918_938_533_204_672_8;
        return ln_factorial(k) - (k + 0.5) * whole.ln() + whole - half_ln_two_pi;
    }
    let square = whole * whole;
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1_260.0 / square) / square) / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of `draws` draws.
    fn moments(draws: u32, mut draw: impl FnMut() -> u64) -> (f64, f64) {
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..draws {
            let value = draw() as f64;
            sum += value;
            squares += value * value;
        }
        let mean = sum / f64::from(draws);
        (mean, squares / f64::from(draws) - mean * mean)
    }

    #[test]
    fn counts_have_the_mean_and_the_variance_they_should() {
        let cases = [(5, 0.3), (50, 0.01), (2_000, 0.01), (40, 0.9), (1_000_000, 0.02), (30, 0.4), (25, 0.5)];
        for (n, p) in cases {
            let mut random = Random::stream(n);
            let (mean, variance) = moments(40_000, || random.binomial(n, p));
            let (expected, spread) = (n as f64 * p, n as f64 * p * (1.0 - p));
            assert!((mean - expected).abs() < 5.0 * (spread / 40_000.0).sqrt(), "{n} {p}: mean {mean}");
            assert!((variance / spread - 1.0).abs() < 0.04, "{n} {p}: variance {variance} of {spread}");
        }
        for expected in [0.2, 3.0, 80.0] {
            let mut random = Random::stream(7);
            let (mean, variance) = moments(40_000, || random.poisson(expected));
            assert!((mean / expected - 1.0).abs() < 0.03, "{expected}: mean {mean}");
            assert!((variance / expected - 1.0).abs() < 0.04, "{expected}: variance {variance}");
        }
    }

    #[test]
    fn rejection_hits_every_value_as_often_as_it_should() {
        // Binomial(40, 0.3): exact probabilities by the recurrence, chi-square over the values that are not rare.
        let (n, p, draws) = (40_u64, 0.3_f64, 100_000_u32);
        let mut seen = [0_u32; 41];
        let mut random = Random::stream(3);
        for _ in 0..draws {
            seen[random.binomial(n, p) as usize] += 1;
        }
        let mut chance = (1.0 - p).powi(40);
        let (mut chi_square, mut values) = (0.0, 0);
        for (value, seen) in seen.iter().enumerate() {
            let expected = chance * f64::from(draws);
            if expected > 20.0 {
                chi_square += (f64::from(*seen) - expected).powi(2) / expected;
                values += 1;
            }
            chance *= p / (1.0 - p) * (n - value as u64) as f64 / (value + 1) as f64;
        }
        assert!(values > 15 && chi_square < 2.5 * f64::from(values), "{chi_square} over {values} values");
    }

    #[test]
    fn extremes_are_exact_and_streams_differ() {
        let mut random = Random::stream(1);
        assert_eq!((random.binomial(0, 0.5), random.binomial(9, 0.0), random.binomial(9, 1.0)), (0, 0, 9));
        assert_eq!(random.poisson(0.0), 0);
        assert_ne!(Random::stream(1).word(), Random::stream(2).word());
        assert_eq!(Random::stream(1).word(), Random::stream(1).word());
    }
}
