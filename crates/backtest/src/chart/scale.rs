//! From values to places, and ticks that people like to read.

/// A linear scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Values from `low` to `high` stand between the places `from` and `to`.
    pub(super) fn new(low: f64, high: f64, from: f64, to: f64) -> Self {
        // One more is no more among the largest numbers.
        let high = if high > low { high } else { low + (low.abs() * 1e-6).max(1.0) };
        Self { low, high, from, to }
    }

    /// The place of a value; values beyond the ends stand at the ends.
    pub(super) fn at(self, value: f64) -> f64 {
        let part = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + part * (self.to - self.from)
    }

    pub(super) fn low(self) -> f64 {
        self.low
    }

    pub(super) fn high(self) -> f64 {
        self.high
    }

    /// About `wanted` round values between the ends.
    pub(super) fn ticks(self, wanted: usize) -> Vec<f64> {
        let raw = (self.high - self.low) / wanted.max(1) as f64;
        let magnitude = 10_f64.powf(raw.log10().floor());
        let step =
            [1.0, 2.0, 5.0, 10.0].map(|unit| unit * magnitude).into_iter().find(|step| *step >= raw * 0.999);
        let step = step.unwrap_or(magnitude * 10.0);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last).map(|tick| tick as f64 * step).collect()
    }
}

/// A tick's value without more digits than it needs.
pub(super) fn label(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude >= 1e9 || (magnitude > 0.0 && magnitude < 1e-4) {
        return format!("{value:.0e}");
    }
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_between_the_ends_and_ticks_are_round() {
        let scale = Scale::new(0.0, 0.07, 300.0, 100.0);
        assert_eq!((scale.at(0.0), scale.at(0.07), scale.at(9.0)), (300.0, 100.0, 100.0));
        let labels: Vec<_> = scale.ticks(4).into_iter().map(label).collect();
        assert_eq!(labels, ["0", "0.02", "0.04", "0.06"]);
        assert_eq!(Scale::new(-3.0, 7.0, 0.0, 1.0).ticks(5), [-2.0, 0.0, 2.0, 4.0, 6.0]);
        assert_eq!(Scale::new(5.0, 5.0, 0.0, 1.0).at(5.0), 0.0, "a flat series has a place too");
        let far = Scale::new(5e18, 5e18, 0.0, 1.0);
        assert!(far.at(5e18) == 0.0 && far.ticks(5).iter().all(|tick| far.at(*tick).is_finite()));
        assert_eq!((label(0.00001), label(2e12), label(-0.0)), ("1e-5".into(), "2e12".into(), "0".into()));
    }
}
