//! PipeCD: one metric of an `ANALYSIS` stage.
//!
//! Source: `pkg/app/piped/executor/analysis/metrics_analyzer.go` of github.com/pipe-cd/pipecd. Every `interval` the points
//! of the last interval are looked at. With the strategy THRESHOLD one point outside the expected range is a
//! failure; with CANARY_BASELINE and CANARY_PRIMARY a test of Mann and Whitney with p <= 0.05 is, in the direction of `deviation`
//! (EITHER by default). A query that fails is a failure, and so is no data unless `skipOnNoData`, and a test that cannot be made because all
//! points are equal. The stage fails once there are more failures than `failureLimit` (0 by default), counted from
//! its beginning.
//!
//! Assumptions: points of one minute; the normal approximation in place of the exact distribution of few points.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    query::{self, Answer, Limit, Query},
    rank_sum::RankSum,
    trace::{Against, MINUTE, Trace},
};

const SIGNIFICANT: f64 = 0.05;

/// The knobs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct PipeCd {
    pub(super) strategy: Strategy,
    pub(super) interval: usize,
    pub(super) failure_limit: u32,
    pub(super) skip_on_no_data: bool,
}

/// How an interval is judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) enum Strategy {
    /// The query of every minute.
    Threshold(Query),
    /// The canary's minutes with those of another arm.
    Compare { against: Against, deviation: Deviation },
}

/// Which differences are failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Deviation {
    Either,
    High,
}

/// What came of one interval's comparison.
#[derive(Debug, Clone, Copy)]
enum Compared {
    NoPoints,
    AllEqual,
    Tested(RankSum),
}

/// Comparisons that several tunings share.
#[derive(Debug, Default)]
pub(super) struct Comparisons(BTreeMap<(Against, usize, usize), Compared>);

impl PipeCd {
    /// At which step the stage fails.
    pub(super) fn abort(&self, trace: &Trace, comparisons: &mut Comparisons) -> Option<usize> {
        let mut failures = 0;
        for at in (self.interval..=trace.steps()).step_by(self.interval) {
            let answer = match self.strategy {
                _ if !trace.answers(at) => Answer::Error,
                Strategy::Threshold(query) => self.points(query, trace, at),
                Strategy::Compare { against, deviation } => {
                    self.compare(against, trace, at, comparisons).answer(deviation)
                }
            };
            failures += u32::from(match answer {
                Answer::Good => false,
                Answer::NoValue => !self.skip_on_no_data,
                Answer::Bad | Answer::Error => true,
            });
            if failures > self.failure_limit {
                return Some(at);
            }
        }
        None
    }

    /// The worst of the interval's minutes.
    fn points(&self, query: Query, trace: &Trace, at: usize) -> Answer {
        let minutes = (at - self.interval + MINUTE..=at).step_by(MINUTE);
        let mut worst = Answer::NoValue;
        for minute in minutes {
            match query.ask(trace, minute) {
                Answer::Bad => return Answer::Bad,
                Answer::Good => worst = Answer::Good,
                Answer::NoValue | Answer::Error => {}
            }
        }
        worst
    }

    fn compare(&self, against: Against, trace: &Trace, at: usize, known: &mut Comparisons) -> Compared {
        let from = at - self.interval;
        *known.0.entry((against, from, at)).or_insert_with(|| {
            let (canary, other) = (trace.canary.minutes(from, at), trace.arm(against).minutes(from, at));
            if canary.is_empty() || other.is_empty() {
                return Compared::NoPoints;
            }
            RankSum::of(&canary, &other, 0.0).map_or(Compared::AllEqual, Compared::Tested)
        })
    }
}

impl Compared {
    fn answer(self, deviation: Deviation) -> Answer {
        let p = match (self, deviation) {
            (Self::NoPoints, Deviation::Either | Deviation::High) => return Answer::NoValue,
            (Self::AllEqual, Deviation::Either | Deviation::High) => return Answer::Bad,
            (Self::Tested(test), Deviation::Either) => test.p_two_sided(),
            (Self::Tested(test), Deviation::High) => test.p_greater(),
        };
        if p <= SIGNIFICANT { Answer::Bad } else { Answer::Good }
    }
}

impl std::fmt::Display for PipeCd {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.strategy {
            Strategy::Threshold(query) => write!(formatter, "THRESHOLD {query}")?,
            Strategy::Compare { against: Against::Twin, deviation } => {
                write!(formatter, "CANARY_BASELINE {deviation:?}")?;
            }
            Strategy::Compare { against: Against::Control, deviation } => {
                write!(formatter, "CANARY_PRIMARY {deviation:?}")?;
            }
        }
        write!(formatter, " every {} min, failureLimit {}", self.interval / MINUTE, self.failure_limit)
    }
}

/// A threshold of 5 %, and the comparison with a baseline, every 5 min; the rest as it is when left out.
pub(super) fn defaults() -> Vec<PipeCd> {
    let threshold = Strategy::Threshold(Query { limit: Limit::Rate(0.05), window: MINUTE });
    let compare = Strategy::Compare { against: Against::Twin, deviation: Deviation::Either };
    let with = |strategy| PipeCd { strategy, interval: 5 * MINUTE, failure_limit: 0, skip_on_no_data: false };
    vec![with(threshold), with(compare)]
}

/// Tunings.
pub(super) fn grid() -> Vec<PipeCd> {
    let mut all = Vec::new();
    let mut add = |strategy, minutes: usize, limits: &[u32]| {
        for failure_limit in limits {
            let (interval, failure_limit) = (minutes * MINUTE, *failure_limit);
            all.push(PipeCd { strategy, interval, failure_limit, skip_on_no_data: true });
        }
    };
    for query in query::grid() {
        for minutes in [1, 5] {
            add(Strategy::Threshold(query), minutes, &[0, 1, 2, 3, 5, 10]);
        }
    }
    for against in [Against::Twin, Against::Control] {
        for minutes in [5, 10, 30, 60] {
            let strategy = Strategy::Compare { against, deviation: Deviation::High };
            add(strategy, minutes, &[0, 1, 2, 3, 5, 7, 10]);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::trace::tests::{by_hand, with_outage};
    use super::*;

    fn minutes(bad: &[u64]) -> Trace {
        let steps: Vec<_> = bad.iter().flat_map(|bad| [(500, *bad); 6]).collect();
        by_hand(&steps, 8)
    }

    fn abort(rule: &PipeCd, trace: &Trace) -> Option<usize> {
        rule.abort(trace, &mut Comparisons::default())
    }

    fn default(position: usize) -> PipeCd {
        defaults().swap_remove(position)
    }

    #[test]
    fn one_minute_beyond_the_range_fails_an_interval_and_failures_add_up() {
        let trace = minutes(&[0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 30, 30, 30, 0, 0]);
        assert_eq!(abort(&default(0), &trace), Some(30));
        assert_eq!(abort(&PipeCd { failure_limit: 1, ..default(0) }, &trace), Some(90));
        assert_eq!(abort(&PipeCd { failure_limit: 2, ..default(0) }, &trace), None);
    }

    #[test]
    fn a_comparison_fails_by_p_in_its_direction() {
        // The baseline always has 4 of 500 bad.
        let (worse, better) = (minutes(&[9, 8, 9, 7, 9]), minutes(&[1, 2, 1, 2, 3]));
        let either = default(1);
        assert_eq!((abort(&either, &worse), abort(&either, &better)), (Some(30), Some(30)));
        let strategy = Strategy::Compare { against: Against::Twin, deviation: Deviation::High };
        let high = PipeCd { strategy, ..default(1) };
        assert_eq!((abort(&high, &worse), abort(&high, &better)), (Some(30), None));
        assert_eq!(abort(&high, &minutes(&[9, 3, 3, 7, 2])), None);
    }

    #[test]
    fn no_data_equal_points_and_a_provider_that_errs_are_failures() {
        let silent = by_hand(&[(0, 0); 30], 8);
        assert_eq!(abort(&default(1), &silent), Some(30));
        assert_eq!(abort(&PipeCd { skip_on_no_data: true, ..default(1) }, &silent), None);
        assert_eq!(abort(&default(1), &minutes(&[4, 4, 4, 4, 4])), Some(30));
        let down = with_outage(minutes(&[0; 10]), 29..30);
        assert_eq!(abort(&PipeCd { skip_on_no_data: true, ..default(0) }, &down), Some(30));
    }
}
