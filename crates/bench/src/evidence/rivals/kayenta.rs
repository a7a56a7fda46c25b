//! Kayenta: the judge `NetflixACAJudge-v1.0` on one metric that should not increase.
//!
//! Source: `MannWhitneyClassifier.scala` and `NetflixACAJudge.scala` of github.com/spinnaker/kayenta. A metric is high
//! when the lower end of the 98 % confidence interval of the shift between canary and baseline is above a quarter of
//! the estimated shift (Hodges, Lehmann), and the ratio of the means is at least `allowedIncrease` (1 by default). The score is the
//! percentage of metrics that pass; a judgement below `marginal` (75) stops the canary at once, and the last one must
//! reach `pass` (95). Judgements come every interval, over everything since the beginning, or the last `lookback`.
//!
//! Assumptions: points of one minute, minutes without requests are no points; metrics without points are left out of the
//! score; a judgement waits for a provider that does not answer. The lower end is above a value exactly when a test
//! of the canary less this value against the baseline rejects, which is how the interval is defined.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    rank_sum::{RankSum, median_difference},
    trace::{Against, MINUTE, Trace},
};

/// Half of the part of the two-sided 98 % interval that is outside.
const OUTSIDE: f64 = 0.01;
const TOLERANCE: f64 = 0.25;
const MARGINAL: f64 = 75.0;
const PASS: f64 = 95.0;

/// The knobs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Kayenta {
    pub(super) against: Against,
    pub(super) interval: usize,
    /// Steps; `None` since the beginning.
    pub(super) lookback: Option<usize>,
    pub(super) allowed_increase: f64,
}

/// What one metric says, whatever increase is allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Metric {
    NoData,
    NotHigher,
    /// Surely higher, with this ratio of the means.
    Higher(f64),
}

/// Judgements that several tunings share.
#[derive(Debug, Default)]
pub(super) struct Judged(BTreeMap<(Against, usize, usize), Metric>);

impl Kayenta {
    /// At which step it stops the canary.
    pub(super) fn abort(&self, trace: &Trace, judged: &mut Judged) -> Option<usize> {
        let mut due = (self.interval..=trace.steps()).step_by(self.interval).peekable();
        while let Some(planned) = due.next() {
            let at = (planned..=trace.steps()).find(|at| trace.answers(*at))?;
            let from = self.lookback.map_or(0, |lookback| at.saturating_sub(lookback));
            let metric = judged.0.entry((self.against, from, at));
            let metric = *metric.or_insert_with(|| {
                classify(&trace.canary.minutes(from, at), &trace.arm(self.against).minutes(from, at))
            });
            let needed = if due.peek().is_some() { MARGINAL } else { PASS };
            if score(&[metric], self.allowed_increase).is_some_and(|score| score < needed) {
                return Some(at);
            }
        }
        None
    }
}

fn classify(canary: &[f64], baseline: &[f64]) -> Metric {
    if canary.is_empty() || baseline.is_empty() {
        return Metric::NoData;
    }
    let rejects = |shift| RankSum::of(canary, baseline, shift).is_some_and(|test| test.p_greater() < OUTSIDE);
    // The cheap look first: what does not reject without a shift does not with one.
    if !rejects(0.0) {
        return Metric::NotHigher;
    }
    let shift = median_difference(canary, baseline).map_or(0.0, f64::abs);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    if rejects(TOLERANCE * shift) { Metric::Higher(mean(canary) / mean(baseline)) } else { Metric::NotHigher }
}

/// The percentage of metrics with data that pass; `None` when none has any.
fn score(metrics: &[Metric], allowed_increase: f64) -> Option<f64> {
    let (mut passing, mut all) = (0.0, 0.0);
    for metric in metrics {
        let passes = match metric {
            Metric::NoData => continue,
            Metric::NotHigher => true,
            Metric::Higher(ratio) => *ratio < allowed_increase,
        };
        all += 1.0;
        passing += f64::from(u8::from(passes));
    }
    (all > 0.0).then(|| 100.0 * passing / all)
}

impl std::fmt::Display for Kayenta {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let against = match self.against {
            Against::Control => "all of the control",
            Against::Twin => "a baseline of equal size",
        };
        let minutes = |steps: usize| steps / MINUTE;
        write!(formatter, "against {against} every {} min over ", minutes(self.interval))?;
        match self.lookback {
            Some(lookback) => write!(formatter, "the last {} min", minutes(lookback))?,
            None => write!(formatter, "everything")?,
        }
        write!(formatter, ", allowedIncrease {}", self.allowed_increase)
    }
}

/// Hourly over a growing window, against a baseline of equal size, as its authors advise.
pub(super) fn defaults() -> Vec<Kayenta> {
    let (against, interval) = (Against::Twin, 60 * MINUTE);
    vec![Kayenta { against, interval, lookback: None, allowed_increase: 1.0 }]
}

/// Tunings.
pub(super) fn grid() -> Vec<Kayenta> {
    let mut all = Vec::new();
    for against in [Against::Twin, Against::Control] {
        for interval in [10, 30, 60].map(|minutes| minutes * MINUTE) {
            for lookback in [None, Some(30 * MINUTE), Some(60 * MINUTE)] {
                for allowed_increase in [1.0, 1.2, 1.5, 2.0, 3.0] {
                    all.push(Kayenta { against, interval, lookback, allowed_increase });
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::trace::tests::{by_hand, with_outage};
    use super::*;

    /// Minutes whose rates wobble around a level, in steps of 600 requests.
    fn wobbling(level: u64, minutes: u64) -> Vec<(u64, u64)> {
        (0..minutes).flat_map(|minute| [(600, level + minute % 3); 6]).collect()
    }

    fn rule() -> Kayenta {
        Kayenta { interval: 20 * MINUTE, ..defaults().swap_remove(0) }
    }

    fn abort(rule: &Kayenta, trace: &Trace) -> Option<usize> {
        rule.abort(trace, &mut Judged::default())
    }

    #[test]
    fn a_clear_increase_is_stopped_at_the_first_judgement_and_none_is_not() {
        // The baseline of equal size has 600 * 8 / 1000 = 4 of 600 bad.
        assert_eq!(abort(&rule(), &by_hand(&wobbling(20, 60), 8)), Some(20 * MINUTE));
        assert_eq!(abort(&rule(), &by_hand(&wobbling(2, 60), 8)), None);
        // Ten of forty minutes are higher: z = (200 - 0.5) / 90 = 2.2, and 2.33 are needed. A growing window is slow.
        let late: Vec<_> = [wobbling(3, 30), wobbling(20, 30)].concat();
        assert_eq!(abort(&rule(), &by_hand(&late, 8)), Some(60 * MINUTE));
    }

    #[test]
    fn the_ratio_of_means_must_reach_what_is_allowed() {
        let trace = by_hand(&wobbling(7, 40), 8);
        // Means 8 and 4: twice as many.
        let with = |allowed_increase| abort(&Kayenta { allowed_increase, ..rule() }, &trace);
        assert_eq!((with(1.9), with(2.1)), (Some(20 * MINUTE), None));
    }

    #[test]
    fn the_interval_must_clear_a_quarter_of_the_shift() {
        // Surely different (p below 1 %), by a shift that is small against its own scatter.
        let baseline: Vec<f64> = (0..60).map(|point| f64::from(point) / 60.0).collect();
        let canary: Vec<f64> = baseline.iter().map(|point| point + 0.15).collect();
        assert!(RankSum::of(&canary, &baseline, 0.0).unwrap().p_greater() < OUTSIDE);
        assert_eq!(classify(&canary, &baseline), Metric::NotHigher);
        let canary: Vec<f64> = baseline.iter().map(|point| point + 0.3).collect();
        assert!(matches!(classify(&canary, &baseline), Metric::Higher(ratio) if ratio > 1.5));
    }

    #[test]
    fn the_score_is_the_percentage_that_passes_of_what_has_data() {
        let (good, high) = (Metric::NotHigher, Metric::Higher(2.0));
        assert_eq!(score(&[good, good, good, high], 1.0), Some(75.0));
        assert_eq!(score(&[good, good, high, Metric::NoData], 1.0), Some(100.0 * 2.0 / 3.0));
        assert_eq!(score(&[good, high], 2.5), Some(100.0));
        assert_eq!(score(&[Metric::NoData], 1.0), None);
        const { assert!(MARGINAL == 75.0 && PASS == 95.0) };
    }

    #[test]
    fn nothing_said_stops_nothing_and_an_outage_is_waited_for() {
        assert_eq!(abort(&rule(), &by_hand(&[(0, 0); 360], 8)), None);
        let down = with_outage(by_hand(&wobbling(20, 60), 8), 100..130);
        assert_eq!(abort(&rule(), &down), Some(131));
    }
}
