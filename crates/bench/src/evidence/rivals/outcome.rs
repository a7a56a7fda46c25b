//! What came of the runs of one family, for every rule.

use serde::{Deserialize, Serialize};

use super::trace::{STEP_SECONDS, Trace};
use crate::evidence::workshop::{Mean, Share, Tally};

/// Each bin of delays ends this many times later than the one before.
const BIN: f64 = 1.1;

/// One rule on one family.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Aborts with nothing wrong, or before it was, among all runs.
    pub(super) false_aborts: Share,
    /// Runs that were never aborted, among those not aborted falsely; nothing on families without a regression.
    pub(super) missed: Share,
    /// Seconds from the onset to the abort; to the end of the trace where it was missed.
    pub(super) delay: Mean,
    /// Bad requests that the canary answered from the onset to the abort, or to the end.
    pub(super) bad: Mean,
    /// Delays of runs that were not missed, by bins.
    bins: Vec<u32>,
}

/// One outcome per rule.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Outcomes(pub(super) Vec<Outcome>);

impl Outcome {
    /// One run.
    pub(super) fn add(&mut self, trace: &Trace, abort: Option<usize>) {
        let Some(onset) = trace.onset else {
            self.false_aborts.add(abort.is_some());
            return;
        };
        let early = abort.is_some_and(|at| at <= onset);
        self.false_aborts.add(early);
        if early {
            return;
        }
        let until = abort.unwrap_or(trace.steps());
        let delay = (until - onset) as u64 * STEP_SECONDS;
        self.missed.add(abort.is_none());
        self.delay.add(delay as f64);
        self.bad.add(trace.canary.over(onset, until).bad as f64);
        if abort.is_some() {
            let bin = bin(delay);
            self.bins.resize(self.bins.len().max(bin + 1), 0);
            self.bins[bin] += 1;
        }
    }

    /// The median seconds from onset to abort, to 5 %; `None` when most runs were missed.
    pub(super) fn median(&self) -> Option<f64> {
        let half = self.missed.runs.div_ceil(2);
        let mut seen = 0;
        let bin = self.bins.iter().position(|count| {
            seen += u64::from(*count);
            half > 0 && seen >= half
        })?;
        Some(STEP_SECONDS as f64 * BIN.powi(i32::try_from(bin).unwrap_or(i32::MAX)))
    }
}

/// The bin whose middle is nearest.
fn bin(delay: u64) -> usize {
    ((delay.max(STEP_SECONDS) as f64 / STEP_SECONDS as f64).ln() / BIN.ln()).round() as usize
}

impl Tally for Outcome {
    fn merge(&mut self, other: &Self) {
        self.false_aborts.merge(&other.false_aborts);
        self.missed.merge(&other.missed);
        self.delay.merge(&other.delay);
        self.bad.merge(&other.bad);
        self.bins.resize(self.bins.len().max(other.bins.len()), 0);
        for (sum, count) in self.bins.iter_mut().zip(&other.bins) {
            *sum += count;
        }
    }
}

impl Tally for Outcomes {
    fn merge(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), Outcome::default());
        for (sum, outcome) in self.0.iter_mut().zip(&other.0) {
            sum.merge(outcome);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trace::tests::by_hand;
    use super::*;

    #[test]
    fn aborts_before_the_onset_are_false_and_missed_ones_last_to_the_end() {
        let mut trace = by_hand(&[(100, 2); 40], 0);
        trace.onset = Some(10);
        let mut outcome = Outcome::default();
        for abort in [Some(10), Some(11), Some(22), None] {
            outcome.add(&trace, abort);
        }
        assert_eq!(outcome.false_aborts, Share { seen: 1, runs: 4 });
        assert_eq!(outcome.missed, Share { seen: 1, runs: 3 });
        assert_eq!(outcome.delay.mean(), (10.0 + 120.0 + 300.0) / 3.0);
        assert_eq!(outcome.bad.mean(), 2.0 * (1.0 + 12.0 + 30.0) / 3.0);
        let median = outcome.median().unwrap();
        assert!((median / 120.0 - 1.0).abs() < 0.05, "{median}");
    }

    #[test]
    fn with_nothing_wrong_every_abort_is_false() {
        let trace = by_hand(&[(100, 2); 4], 0);
        let mut outcome = Outcome::default();
        outcome.add(&trace, Some(3));
        outcome.add(&trace, None);
        assert_eq!((outcome.false_aborts.seen, outcome.missed.runs, outcome.median()), (1, 0, None));
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let mut trace = by_hand(&[(100, 2); 40], 0);
        trace.onset = Some(0);
        let of = |aborts: &[Option<usize>]| {
            let mut outcome = Outcome::default();
            aborts.iter().for_each(|abort| outcome.add(&trace, *abort));
            outcome
        };
        let mut sum = Outcomes(vec![of(&[Some(3), None])]);
        sum.merge(&Outcomes(vec![of(&[Some(40)])]));
        assert_eq!(sum.0, [of(&[Some(3), None, Some(40)])]);
    }

    #[test]
    fn most_missed_is_no_median() {
        let mut trace = by_hand(&[(100, 2); 4], 0);
        trace.onset = Some(0);
        let mut outcome = Outcome::default();
        [Some(2), None, None].into_iter().for_each(|abort| outcome.add(&trace, abort));
        assert_eq!(outcome.median(), None);
    }
}
