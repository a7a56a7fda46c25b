//! What should have been heard about the candidate, judged by the control: a version that answers nobody says
//! nothing, and its source answers all the same.

use crate::block::{Arms, Sample};

/// Below this many expected events silence may be chance; hearing none of ten has a chance of 1 in 22,000.
const EXPECTED_MIN: f64 = 10.0;
/// For quantiles and gauges: one value is expected in five requests at least.
const VALUES_PER_REQUEST: f64 = 0.2;

/// Events expected of the candidate since it was last heard of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Expected {
    control_events: f64,
    control_requests: f64,
    missed: f64,
}

impl Expected {
    /// Takes in one sample; `heard`: it says something about the candidate.
    pub(super) fn take(&mut self, sample: &Sample, requests: Arms<u64>, heard: bool) {
        let per_request = match sample {
            Sample::Counts(arms) => {
                self.control_events += arms.control.n as f64;
                self.control_requests += requests.control as f64;
                if self.control_requests > 0.0 { self.control_events / self.control_requests } else { 0.0 }
            }
            Sample::Values(_) | Sample::Histogram(_) => VALUES_PER_REQUEST,
            Sample::Events(_) | Sample::Exposed(_) => 0.0,
        };
        self.missed = if heard { 0.0 } else { self.missed + requests.canary as f64 * per_request };
    }

    /// Whether the silence is too long to be chance.
    pub(crate) fn is_missing(self) -> bool {
        self.missed >= EXPECTED_MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Counts;

    fn counts(canary: u64, control: u64) -> Sample {
        let of = |n| Counts { n, bad: 0 };
        Sample::Counts(Arms { canary: of(canary), control: of(control) })
    }

    #[test]
    fn a_candidate_that_answers_nobody_is_missed_once_ten_events_were_due() {
        let mut expected = Expected::default();
        for _ in 0..9 {
            expected.take(&counts(0, 900), Arms { canary: 1, control: 900 }, false);
        }
        assert!(!expected.is_missing(), "nine may be chance");
        expected.take(&counts(0, 900), Arms { canary: 1, control: 900 }, false);
        assert!(expected.is_missing());
        expected.take(&counts(1, 900), Arms { canary: 1, control: 900 }, true);
        assert!(!expected.is_missing(), "it was heard");
    }

    #[test]
    fn a_rare_event_is_not_missed_early() {
        let mut expected = Expected::default();
        for _ in 0..100 {
            // One event in a hundred requests on the control: one expected of the candidate's hundred requests.
            expected.take(&counts(0, 9), Arms { canary: 1, control: 900 }, false);
        }
        assert!(!expected.is_missing());
        expected.take(&counts(0, 0), Arms { canary: 1_000, control: 0 }, false);
        assert!(expected.is_missing(), "at 100 % the rate of before is what is expected");
    }
}
