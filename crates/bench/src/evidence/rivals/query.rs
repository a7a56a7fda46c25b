//! What a check of an error ratio answers: the part that Argo Rollouts, Flagger and PipeCD leave to a query language.

use serde::Serialize;

use super::trace::{Against, Trace};

/// A query with a condition.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Query {
    pub(super) limit: Limit,
    /// Steps that the rates are taken over.
    pub(super) window: usize,
}

/// What is too much.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) enum Limit {
    /// The canary's error rate; 0.05 is a success rate of 95 %.
    Rate(f64),
    /// The canary's error rate over the control's.
    Times(f64),
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Good,
    Bad,
    /// Nothing to divide by: NaN.
    NoValue,
    /// The provider did not answer.
    Error,
}

impl Query {
    /// The answer at a step.
    pub(super) fn ask(self, trace: &Trace, at: usize) -> Answer {
        if !trace.answers(at) {
            return Answer::Error;
        }
        let from = at.saturating_sub(self.window);
        let canary = trace.canary.over(from, at).rate();
        let (value, limit) = match self.limit {
            Limit::Rate(limit) => (canary, limit),
            Limit::Times(limit) => (canary / trace.arm(Against::Control).over(from, at).rate(), limit),
        };
        if value.is_nan() {
            Answer::NoValue
        } else if value > limit {
            Answer::Bad
        } else {
            Answer::Good
        }
    }
}

impl std::fmt::Display for Query {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.limit {
            Limit::Rate(limit) => write!(formatter, "errors above {} %", limit * 100.0)?,
            Limit::Times(limit) => write!(formatter, "errors above {limit}x control")?,
        }
        write!(formatter, " over {} min", self.window / super::trace::MINUTE)
    }
}

/// Every query that tunings are tried with.
pub(super) fn grid() -> Vec<Query> {
    let rates = [0.01, 0.015, 0.02, 0.03, 0.05, 0.07].map(Limit::Rate);
    let times = [1.3, 1.5, 2.0, 2.5, 3.0, 5.0].map(Limit::Times);
    let limits = rates.into_iter().chain(times);
    limits.flat_map(|limit| [6, 30, 90, 180].map(|window| Query { limit, window })).collect()
}

#[cfg(test)]
mod tests {
    use super::super::trace::tests::{by_hand, with_outage};
    use super::*;

    #[test]
    fn rates_ratios_and_silence_are_told_apart() {
        let trace = with_outage(by_hand(&[(100, 3), (100, 3), (0, 0), (100, 0)], 12), 3..4);
        let rate = |limit| Query { limit: Limit::Rate(limit), window: 1 };
        let times = |limit| Query { limit: Limit::Times(limit), window: 1 };
        assert_eq!((rate(0.03).ask(&trace, 1), rate(0.029).ask(&trace, 1)), (Answer::Good, Answer::Bad));
        assert_eq!((times(2.6).ask(&trace, 2), times(2.4).ask(&trace, 2)), (Answer::Good, Answer::Bad));
        assert_eq!((rate(0.1).ask(&trace, 3), rate(0.1).ask(&trace, 4)), (Answer::NoValue, Answer::Error));
    }

    #[test]
    fn a_control_without_errors_makes_any_error_too_much_and_none_no_value() {
        let trace = by_hand(&[(100, 1), (100, 0)], 0);
        let query = Query { limit: Limit::Times(5.0), window: 1 };
        assert_eq!((query.ask(&trace, 1), query.ask(&trace, 2)), (Answer::Bad, Answer::NoValue));
    }
}
