//! Values and instants to places.

use ripcord_model::Timestamp;

/// A straight map from one range to another.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    /// `from` is made at least a little wide, so that one value alone has a place.
    pub fn new(from: (f64, f64), to: (f64, f64)) -> Self {
        let width = from.1 - from.0;
        let from = if width.abs() < 1e-12 { (from.0, from.0 + 1.0) } else { from };
        Self { from, to }
    }

    /// Of instants.
    pub fn of_time(from: (Timestamp, Timestamp), to: (f64, f64)) -> Self {
        Self::new((from.0.as_ms() as f64, from.1.as_ms() as f64), to)
    }

    /// Where a value is, within the target range.
    pub fn place(&self, value: f64) -> f64 {
        let part = (value - self.from.0) / (self.from.1 - self.from.0);
        self.to.0 + part.clamp(0.0, 1.0) * (self.to.1 - self.to.0)
    }

    /// Where an instant is.
    pub fn at(&self, instant: Timestamp) -> f64 {
        self.place(instant.as_ms() as f64)
    }
}

/// The next round number above: 1, 2 or 5 times a power of ten.
pub fn round_up(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 3.0, 5.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|top| *top >= value * 0.999_999).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_within_the_picture() {
        let scale = Scale::new((0.0, 10.0), (100.0, 0.0));
        assert_eq!((scale.place(0.0), scale.place(5.0), scale.place(99.0)), (100.0, 50.0, 0.0));
        assert!(Scale::new((3.0, 3.0), (0.0, 1.0)).place(3.0).is_finite());
    }

    #[test]
    fn the_top_of_an_axis_is_a_round_number() {
        assert_eq!(round_up(0.031), 0.05);
        assert_eq!(round_up(0.05), 0.05);
        assert_eq!(round_up(7.0), 10.0);
        assert_eq!(round_up(0.0), 1.0);
        assert_eq!(round_up(f64::NAN), 1.0);
    }
}
