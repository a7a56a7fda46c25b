//! How much neighbouring samples of a series resemble each other.

use serde::{Deserialize, Serialize};

/// Fewer pairs of neighbours tell nothing.
const PAIRS_MIN: f64 = 8.0;
/// So many samples tell something.
const COUNT_KNOWN: f64 = 20.0;
/// A larger value counts as this one, so that squares stay finite.
const VALUE_MAX: f64 = 1e100;

/// The lag-1 correlation of a series, from running sums (Welford).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Memory {
    count: f64,
    mean: f64,
    squares: f64,
    pairs: f64,
    products: f64,
    last: Option<f64>,
}

impl Memory {
    /// Takes in one sample; NaN interrupts the series.
    pub(crate) fn take(&mut self, value: f64) {
        if value.is_nan() {
            self.last = None;
            return;
        }
        let value = value.clamp(-VALUE_MAX, VALUE_MAX);
        let before = value - self.mean;
        self.count += 1.0;
        self.mean += before / self.count;
        let after = value - self.mean;
        self.squares += before * after;
        if let Some(last) = self.last {
            self.pairs += 1.0;
            self.products += (last - self.mean) * after;
        }
        self.last = Some(value);
    }

    /// Whether the series was ever seen to change.
    pub(crate) fn moves(&self) -> bool {
        self.squares > 0.0
    }

    /// Whether enough was seen to say how long it is.
    pub(crate) fn is_known(&self) -> bool {
        self.count >= COUNT_KNOWN
    }

    /// The time over which the series forgets, `(1 + r) / (1 - r)` samples, at least 1: the mean of so many
    /// neighbours varies as much as one sample of a series without memory would. A short series hides its memory, because
    /// its mean follows it; the correlation is corrected for that (Marriott, Pope 1954).
    pub(crate) fn samples(&self) -> f64 {
        if self.pairs < PAIRS_MIN || !self.moves() {
            return 1.0;
        }
        let seen = ((self.products / self.pairs) / (self.squares / self.count)).max(0.0);
        let correlation = (seen + (1.0 + 3.0 * seen) / self.count).min(0.999);
        (1.0 + correlation) / (1.0 - correlation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_series_that_halves_is_three_samples_and_of_noise_about_one() {
        let mut number = 1_u64;
        let mut noise = || {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) as f64 / (1_u64 << 31) as f64 - 0.5
        };
        for (half, expected) in [(0.0, 1.0), (0.5, 3.0), (0.9, 19.0)] {
            let (mut memory, mut value) = (Memory::default(), 0.0);
            for _ in 0..20_000 {
                value = half * value + noise();
                memory.take(50.0 + value);
            }
            let samples = memory.samples();
            assert!((samples / expected - 1.0).abs() < 0.15, "{samples} for {expected}");
        }
    }

    #[test]
    fn nothing_constant_interrupted_or_absurd_breaks_it() {
        let mut memory = Memory::default();
        assert_eq!(memory.samples(), 1.0);
        for _ in 0..50 {
            memory.take(4.0);
        }
        assert!(!memory.moves() && memory.samples() == 1.0);
        for value in [f64::NAN, f64::MAX, f64::MIN, f64::INFINITY, 0.0].repeat(5) {
            memory.take(value);
            assert!((1.0..2_000.0).contains(&memory.samples()));
        }
    }
}
