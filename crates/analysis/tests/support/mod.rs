//! Seeded randomness for simulations, so that a test that passes once passes always.

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Uniform on (0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal (Box, Muller 1958).
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// How many of `n` happen; by the distances between those that do, so that rare events cost little.
    pub fn binomial(&mut self, n: u64, p: f64) -> f64 {
        if p <= 0.0 {
            return 0.0;
        }
        let log_rest = (-p.min(1.0 - 1e-12)).ln_1p();
        let (mut at, mut count) = (0.0, -1.0);
        while at <= n as f64 {
            at += (self.uniform().ln() / log_rest).floor() + 1.0;
            count += 1.0;
        }
        count
    }

    /// Poisson, by waiting times.
    pub fn poisson(&mut self, mean: f64) -> f64 {
        let (mut at, mut count) = (0.0, -1.0);
        while at < mean {
            at -= self.uniform().ln();
            count += 1.0;
        }
        f64::max(count, 0.0)
    }

    /// Gamma with mean 1 and this variance, whose reciprocal is a whole number.
    pub fn gamma(&mut self, variance: f64) -> f64 {
        let shape = (1.0 / variance).round();
        (0..shape as u32).map(|_| -self.uniform().ln()).sum::<f64>() / shape
    }
}
