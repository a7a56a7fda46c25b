//! Events over an exposure, as tests take them in.

use serde::{Deserialize, Serialize};

use crate::{absorbed::Refused, counts::Counts};

/// A larger number is a mistake; smaller ones never overflow the logarithms of the evidence.
const EXPOSURE_MAX: f64 = 1e30;

/// How much there was, and how much of it was bad, on one arm since the previous block.
///
/// Units: `n` is the number of trials (requests), or the exposure of a rare event (sessions, user-hours); then `bad`
/// may exceed `n`. Both are differences of raw counters, at least 0.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exposure {
    /// All events, or the exposure.
    pub n: f64,
    /// The bad ones among them, or how often it happened.
    pub bad: f64,
}

impl Exposure {
    /// `bad` bad events in `n`.
    pub const fn new(n: f64, bad: f64) -> Self {
        Self { n, bad }
    }

    /// Bad events per event, or per unit of exposure; `None` without exposure.
    pub fn rate(self) -> Option<f64> {
        let rate = self.bad / self.n;
        (self.n > 0.0 && rate.is_finite()).then_some(rate)
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { n: self.n + other.n, bad: self.bad + other.bad }
    }

    /// Whether both are numbers from 0 to 10^30. Anything else is refused by every test.
    pub fn is_usable(self) -> bool {
        let usable = |number: f64| (0.0..=EXPOSURE_MAX).contains(&number);
        usable(self.n) && usable(self.bad)
    }

    /// Refuses what is no amount.
    pub(crate) fn check(self) -> Result<(), Refused> {
        if self.is_usable() { Ok(()) } else { Err(Refused::NotAnAmount) }
    }

    /// Refuses what is no share either.
    pub(crate) fn check_share(self) -> Result<(), Refused> {
        self.check()?;
        if self.bad <= self.n { Ok(()) } else { Err(Refused::MoreBadThanAll) }
    }
}

impl From<Counts> for Exposure {
    fn from(counts: Counts) -> Self {
        Self { n: counts.n as f64, bad: counts.bad as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_from_nought_are_usable() {
        assert!(Exposure::new(0.0, 0.0).is_usable() && Exposure::new(0.5, 7.0).is_usable());
        assert!(Exposure::from(Counts::new(u64::MAX, u64::MAX)).is_usable());
        for broken in [f64::NAN, f64::INFINITY, -1.0, -f64::MIN_POSITIVE, 1e31] {
            assert!(!Exposure::new(broken, 0.0).is_usable(), "{broken}");
            assert!(!Exposure::new(1.0, broken).is_usable(), "{broken}");
        }
    }

    #[test]
    fn a_rate_needs_exposure() {
        assert_eq!(Exposure::new(4.0, 1.0).plus(Exposure::new(4.0, 3.0)).rate(), Some(0.5));
        assert_eq!(Exposure::new(0.0, 3.0).rate(), None);
    }
}
