//! Flagger: the analysis of a `Canary`.
//!
//! Source: `pkg/controller/scheduler.go` of github.com/fluxcd/flagger. At every tick (`interval`, 60 s by default and
//! never below 10 s) a canary with as many failed checks as `threshold` (1 by default; tutorials use 5 or 10) is rolled
//! back; else the metrics are checked, and a value outside its range, no value, or a provider that errs adds one failed
//! check. The count is not reset by a check that passes.

use serde::Serialize;

use super::{
    query::{self, Answer, Limit, Query},
    trace::{MINUTE, Trace},
};

/// The knobs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Flagger {
    pub(super) query: Query,
    pub(super) interval: usize,
    pub(super) threshold: u32,
    /// Whether the query says "no errors" where there was nothing.
    pub(super) fills_in: bool,
}

impl Flagger {
    /// At which step it rolls back.
    pub(super) fn abort(&self, trace: &Trace) -> Option<usize> {
        let mut failed = 0;
        for at in (self.interval..=trace.steps()).step_by(self.interval) {
            if failed >= self.threshold {
                return Some(at);
            }
            failed += u32::from(match self.query.ask(trace, at) {
                Answer::Good => false,
                Answer::NoValue => !self.fills_in,
                Answer::Bad | Answer::Error => true,
            });
        }
        None
    }
}

impl std::fmt::Display for Flagger {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { query, interval, threshold, .. } = self;
        write!(formatter, "{query} every {} min, threshold {threshold}", interval / MINUTE)
    }
}

/// A success rate of 99 % over 1 min, every minute; `threshold` as it is when left out, and as in its tutorials.
pub(super) fn defaults() -> Vec<Flagger> {
    let query = Query { limit: Limit::Rate(0.01), window: MINUTE };
    let with = |threshold| Flagger { query, interval: MINUTE, threshold, fills_in: false };
    vec![with(1), with(5), with(10)]
}

/// Tunings.
pub(super) fn grid() -> Vec<Flagger> {
    let mut all = Vec::new();
    for query in query::grid() {
        for interval in [MINUTE, 5 * MINUTE] {
            for threshold in [1, 2, 3, 5, 10] {
                all.push(Flagger { query, interval, threshold, fills_in: true });
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::trace::tests::{by_hand, with_outage};
    use super::*;

    fn rule(threshold: u32) -> Flagger {
        let query = Query { limit: Limit::Rate(0.01), window: 6 };
        Flagger { query, interval: 6, threshold, fills_in: false }
    }

    #[test]
    fn the_count_never_falls_and_the_tick_after_the_last_failed_check_rolls_back() {
        let steps: Vec<_> = [0, 9, 0, 9, 0, 0].iter().flat_map(|bad| [(100, *bad); 6]).collect();
        let trace = by_hand(&steps, 0);
        assert_eq!([1, 2, 3].map(|threshold| rule(threshold).abort(&trace)), [Some(18), Some(30), None]);
    }

    #[test]
    fn errors_and_missing_values_are_failed_checks() {
        let down = with_outage(by_hand(&[(100, 0); 30], 0), 6..12);
        assert_eq!(rule(1).abort(&down), Some(18));
        let quiet = by_hand(&[(0, 0); 30], 0);
        assert_eq!((rule(1).abort(&quiet), rule(3).abort(&quiet)), (Some(12), Some(24)));
        assert_eq!(Flagger { fills_in: true, ..rule(1) }.abort(&quiet), None);
    }
}
