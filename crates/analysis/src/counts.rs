//! Events, bad events, and what they estimate. Estimates are for people; decisions use evidence or thresholds.

use serde::{Deserialize, Serialize};

/// Events and bad events of one arm, as differences of raw counters.
///
/// Units: `n` is the number of trials (requests), or the exposure (sessions, user-hours) of a rare event; then
/// `bad` may exceed `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// All events, or the exposure.
    pub n: u64,
    /// The bad ones among them.
    pub bad: u64,
}

impl Counts {
    /// `n` events of which `bad` were bad.
    pub const fn new(n: u64, bad: u64) -> Self {
        Self { n, bad }
    }

    /// Bad events per event, dimensionless; `None` without events.
    pub fn rate(self) -> Option<f64> {
        (self.n > 0).then(|| self.bad as f64 / self.n as f64)
    }

    /// Both together; the largest representable count stands for anything above it.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { n: self.n.saturating_add(other.n), bad: self.bad.saturating_add(other.bad) }
    }
}

/// Rates of both arms and their ratio.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Bad events per event on the canary; `None` without events.
    pub canary: Option<f64>,
    /// Bad events per event on the control; `None` without events.
    pub control: Option<f64>,
    /// Canary rate over control rate; `None` when either is unknown or the control's is zero.
    pub ratio: Option<f64>,
}

impl Estimate {
    /// The maximum-likelihood estimates `bad / n`, and their quotient.
    pub fn of(canary: Counts, control: Counts) -> Self {
        let (canary, control) = (canary.rate(), control.rate());
        let ratio = match (canary, control) {
            (Some(canary), Some(control)) if control > 0.0 => Some(canary / control),
            (Some(_) | None, Some(_) | None) => None,
        };
        Self { canary, control, ratio }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_their_ratio_are_known_only_where_there_is_data() {
        let estimate = Estimate::of(Counts::new(200, 6), Counts::new(1_000, 10));
        assert_eq!((estimate.canary, estimate.control), (Some(0.03), Some(0.01)));
        assert!((estimate.ratio.unwrap() - 3.0).abs() < 1e-12);
        assert_eq!(Estimate::of(Counts::new(0, 0), Counts::new(10, 1)).ratio, None);
        assert_eq!(Estimate::of(Counts::new(10, 1), Counts::new(10, 0)).ratio, None, "no ratio to nothing");
        assert_eq!(Estimate::of(Counts::new(10, 1), Counts::default()).control, None);
    }

    #[test]
    fn sums_stop_at_the_largest_count() {
        let all = Counts::new(u64::MAX, 1).plus(Counts::new(5, 2));
        assert_eq!(all, Counts::new(u64::MAX, 3));
    }
}
