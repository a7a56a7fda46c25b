//! One arm's rate, or share.

use serde::{Deserialize, Serialize};

use super::Interval;
use crate::{
    exposure::Exposure,
    log_space::{exp, ln, ln_1p},
    stored,
};

/// The grid of the mixture: as many values of the rate, or of the odds, this far to both sides of what the test
/// compares with. It is gone through only when somebody asks.
const VALUES: i32 = 400;
const LOG_REACH: f64 = 7.0;

/// Less exposure than this says nothing, and its parts would be no numbers.
const SEEN_MIN: f64 = 1e-200;

/// The likelihood of one arm's rate or share follows from two sums alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneArm {
    /// Whether it is a share, of Bernoulli events, rather than a rate.
    share: bool,
    /// What the test compares with.
    #[serde(deserialize_with = "stored::finite")]
    middle: f64,
    /// Events and bad events, each block's divided by its overdispersion factor.
    seen: Exposure,
}

impl OneArm {
    pub(crate) fn share(limit: f64) -> Self {
        Self { share: true, middle: limit, seen: Exposure::default() }
    }

    pub(crate) fn rate(baseline: f64) -> Self {
        Self { share: false, middle: baseline, seen: Exposure::default() }
    }

    pub(crate) fn absorb(&mut self, canary: Exposure, phi: f64) {
        if canary.n > 0.0 {
            self.seen = self.seen.plus(Exposure::new(canary.n / phi, canary.bad / phi));
        }
    }

    /// The interval of the rate or share at error probability `alpha`.
    pub(crate) fn interval(&self, alpha: f64) -> Interval {
        if self.seen.n < SEEN_MIN {
            return (None, None);
        }
        let centre = if self.share { ln(self.middle / (1.0 - self.middle)) } else { ln(self.middle) };
        let grid = || {
            (-VALUES / 2..=VALUES / 2)
                .map(|step| centre + LOG_REACH * f64::from(step) * 2.0 / f64::from(VALUES))
        };
        let high = grid().map(|u| self.log_likelihood(u)).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = grid().map(|u| exp(self.log_likelihood(u) - high)).sum();
        let bound = high + ln(sum / f64::from(VALUES + 1)) + ln(alpha);
        let best = self.best();
        let end = |direction: f64| self.crossing(best, direction, bound).map(|u| self.value(u));
        (if self.seen.bad > 0.0 { end(-1.0) } else { None }, end(1.0))
    }

    /// `u` is the logarithm of the rate, or of the odds; concave in it.
    fn log_likelihood(&self, u: f64) -> f64 {
        let expected = if !self.share {
            exp(u)
        } else if u > 0.0 {
            u + ln_1p(exp(-u))
        } else {
            ln_1p(exp(u))
        };
        self.seen.bad * u - self.seen.n * expected
    }

    /// Where the likelihood is largest, kept within what a search can leave again.
    fn best(&self) -> f64 {
        let Exposure { n, bad } = self.seen;
        let rest = if self.share { (n - bad).max(0.0) } else { n };
        ln((bad.max(1e-9 * n)) / rest.max(1e-9 * n))
    }

    fn value(&self, u: f64) -> f64 {
        if self.share { 1.0 / (1.0 + exp(-u)) } else { exp(u) }
    }

    /// Where the likelihood falls below `bound`, from `best` in `direction`, by halving; rounded outwards. `None` when
    /// it does not within 60 units.
    fn crossing(&self, best: f64, direction: f64, bound: f64) -> Option<f64> {
        let inside = |distance: f64| self.log_likelihood(best + direction * distance) > bound;
        let (mut near, mut far) = (0.0, 60.0);
        if inside(far) {
            return None;
        }
        for _ in 0..60 {
            let middle = f64::midpoint(near, far);
            if inside(middle) {
                near = middle;
            } else {
                far = middle;
            }
        }
        Some(best + direction * far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_lies_between_its_ends_and_they_close_in() {
        let mut last = f64::INFINITY;
        for times in [1.0, 10.0, 100.0, 10_000.0] {
            let mut arm = OneArm::share(0.01);
            arm.absorb(Exposure::new(1_000.0 * times, 20.0 * times), 1.0);
            let (low, high) = arm.interval(0.05);
            let (low, high) = (low.unwrap(), high.unwrap());
            assert!(low < 0.02 && 0.02 < high && high - low < last, "{low} {high}");
            last = high - low;
        }
        assert!(last < 0.001, "{last}");
    }

    #[test]
    fn nothing_bad_has_an_upper_end_only_and_all_bad_a_lower() {
        let mut arm = OneArm::share(0.01);
        assert_eq!(arm.interval(0.05), (None, None));
        arm.absorb(Exposure::new(1_000.0, 0.0), 1.0);
        let (low, high) = arm.interval(0.05);
        assert!(low.is_none() && (0.003..0.03).contains(&high.unwrap()), "{high:?}");
        let mut arm = OneArm::share(0.5);
        arm.absorb(Exposure::new(50.0, 50.0), 1.0);
        let (low, high) = arm.interval(0.05);
        assert!(low.unwrap() > 0.7 && high.is_none_or(|high| high > 0.999_999), "{low:?} {high:?}");
        let mut rate = OneArm::rate(0.01);
        rate.absorb(Exposure::new(1_000.0, 2_000.0), 1.0);
        let (low, high) = rate.interval(0.05);
        assert!(low.unwrap() > 1.8 && high.unwrap() < 2.2, "{low:?} {high:?}");
    }
}
