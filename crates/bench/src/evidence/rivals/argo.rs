//! Argo Rollouts: one metric of an `AnalysisTemplate`.
//!
//! Source: `analysis/analysis.go` of github.com/argoproj/argo-rollouts. A measurement succeeds, fails or errs. The run
//! fails once more than `failureLimit` measurements have failed, counted from its beginning (0 by default), and errs
//! once more than `consecutiveErrorLimit` in a row have erred (4 by default). After an error it measures again in
//! 10 s, else after `interval`. Both abort the rollout.
//!
//! Assumptions: the first measurement comes after one interval, so that the query has a window to look at; without a
//! guard NaN does not meet `successCondition`, and so fails.

use serde::Serialize;

use super::{
    query::{self, Answer, Limit, Query},
    trace::{MINUTE, Trace},
};

/// Steps until a measurement that erred is repeated.
const RETRY: usize = 1;

/// The knobs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Argo {
    pub(super) query: Query,
    pub(super) interval: usize,
    pub(super) failure_limit: u32,
    pub(super) consecutive_error_limit: u32,
    /// Whether the condition lets NaN pass.
    pub(super) lets_nan_pass: bool,
}

/// What has been measured so far.
#[derive(Debug, Default)]
struct Measured {
    failed: u32,
    errors_in_a_row: u32,
}

impl Argo {
    /// At which step it aborts.
    pub(super) fn abort(&self, trace: &Trace) -> Option<usize> {
        let (mut measured, mut at) = (Measured::default(), self.interval);
        while at <= trace.steps() {
            let answer = self.query.ask(trace, at);
            if self.is_over(&mut measured, answer) {
                return Some(at);
            }
            at += if answer == Answer::Error { RETRY } else { self.interval };
        }
        None
    }

    fn is_over(&self, measured: &mut Measured, answer: Answer) -> bool {
        let errors = std::mem::take(&mut measured.errors_in_a_row);
        match answer {
            Answer::Good => {}
            Answer::NoValue if self.lets_nan_pass => {}
            Answer::Bad | Answer::NoValue => measured.failed += 1,
            Answer::Error => measured.errors_in_a_row = errors + 1,
        }
        measured.failed > self.failure_limit || measured.errors_in_a_row > self.consecutive_error_limit
    }
}

impl std::fmt::Display for Argo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { query, interval, failure_limit, .. } = self;
        write!(formatter, "{query} every {} min, failureLimit {failure_limit}", interval / MINUTE)
    }
}

/// As its documentation shows: a success rate of 95 % over 5 min, every 5 min; `failureLimit` is left at 0, or 3.
pub(super) fn defaults() -> Vec<Argo> {
    let query = Query { limit: Limit::Rate(0.05), window: 5 * MINUTE };
    let with = |failure_limit| Argo {
        query,
        interval: 5 * MINUTE,
        failure_limit,
        consecutive_error_limit: 4,
        lets_nan_pass: false,
    };
    vec![with(0), with(3)]
}

/// Tunings: by somebody who knows about NaN and about outages.
pub(super) fn grid() -> Vec<Argo> {
    let mut all = Vec::new();
    for query in query::grid() {
        for interval in [MINUTE, 5 * MINUTE] {
            for failure_limit in [0, 1, 2, 3, 5, 10] {
                let consecutive_error_limit = u32::MAX;
                all.push(Argo {
                    query,
                    interval,
                    failure_limit,
                    consecutive_error_limit,
                    lets_nan_pass: true,
                });
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::trace::tests::{by_hand, with_outage};
    use super::*;

    fn rule(failure_limit: u32) -> Argo {
        let query = Query { limit: Limit::Rate(0.05), window: 6 };
        Argo { query, interval: 6, failure_limit, consecutive_error_limit: 4, lets_nan_pass: false }
    }

    /// One entry per minute.
    fn minutes(bad: &[u64]) -> Trace {
        let steps: Vec<_> = bad.iter().flat_map(|bad| [(100, *bad); 6]).collect();
        by_hand(&steps, 0)
    }

    #[test]
    fn failures_count_from_the_beginning_and_not_in_a_row() {
        let trace = minutes(&[0, 9, 0, 0, 9, 0, 9]);
        assert_eq!([0, 1, 2, 3].map(|limit| rule(limit).abort(&trace)), [Some(12), Some(30), Some(42), None]);
    }

    #[test]
    fn errors_are_tried_again_every_ten_seconds_and_the_fifth_in_a_row_aborts() {
        let trace = with_outage(minutes(&[0; 5]), 10..24);
        assert_eq!(rule(0).abort(&trace), Some(16), "12, 13, 14, 15, 16");
        let trace = with_outage(minutes(&[0; 5]), 10..15);
        assert_eq!(rule(0).abort(&trace), None, "four only: the sample at 16 is good again");
    }

    #[test]
    fn an_answer_between_errors_begins_their_count_anew() {
        let trace = with_outage(with_outage(minutes(&[0; 9]), 10..15), 20..24);
        assert_eq!(rule(0).abort(&trace), None);
    }

    #[test]
    fn nan_fails_unless_it_is_let_pass() {
        let trace = by_hand(&[(0, 0); 6], 0);
        assert_eq!(rule(0).abort(&trace), Some(6));
        assert_eq!(Argo { lets_nan_pass: true, ..rule(0) }.abort(&trace), None);
    }
}
