//! Which samples can be used. One that cannot is as if the source had said nothing, and the reason is shown: what is
//! wrong with a number is never known, so nothing is made of it.

use ripcord_model::blueprint::Measure;

use crate::block::{Arms, Counts, Exposed, Histogram, Sample};

/// Why a sample cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("its last sample was {got}, expected {expected}; is the right metric named?")]
    WrongKind { got: &'static str, expected: &'static str },
    #[error(
        "its last sample had {bad} bad events among {n} on {arm}; do both counters count the same requests?"
    )]
    MoreBadThanAll { arm: Arm, bad: u64, n: u64 },
    #[error("its last sample on {arm} was no amount, expected a number from 0")]
    NotAnAmount { arm: Arm },
    #[error(
        "its last sample was no histogram, expected growing bounds and one count more than bounds on both versions"
    )]
    NotAHistogram,
    #[error(
        "its histogram has other bounds than at first; evidence needs the same buckets throughout a release"
    )]
    OtherBounds,
}

/// Which side of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arm {
    Candidate,
    LastGood,
}

impl std::fmt::Display for Arm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Candidate => "the candidate",
            Self::LastGood => "last good",
        })
    }
}

/// Whether a sample can be used for what is measured. `bounds` are those of the first histogram, where they matter.
pub(super) fn check(sample: &Sample, measure: &Measure, bounds: Option<&[f64]>) -> Result<(), Unusable> {
    match (measure, sample) {
        (Measure::Ratio { .. } | Measure::Success { .. }, Sample::Counts(arms)) => {
            each(arms, |arm, counts| {
                let Counts { n, bad } = *counts;
                if bad > n { Err(Unusable::MoreBadThanAll { arm, bad, n }) } else { Ok(()) }
            })
        }
        (Measure::Count { .. }, Sample::Events(arms)) => each(arms, |arm, events| amount(*events, arm)),
        (Measure::Count { .. }, Sample::Exposed(arms)) => each(arms, |arm, exposed| {
            let Exposed { exposure, events } = *exposed;
            amount(exposure, arm).and_then(|()| amount(events, arm))
        }),
        (Measure::Quantile { .. } | Measure::Gauge { .. }, Sample::Values(_)) => Ok(()),
        (Measure::Quantile { .. }, Sample::Histogram(histogram)) => {
            check_histogram(histogram)?;
            let same = bounds.is_none_or(|first| first == histogram.bounds);
            if same { Ok(()) } else { Err(Unusable::OtherBounds) }
        }
        (
            Measure::Ratio { .. } | Measure::Success { .. },
            Sample::Events(_) | Sample::Exposed(_) | Sample::Values(_) | Sample::Histogram(_),
        )
        | (Measure::Count { .. }, Sample::Counts(_) | Sample::Values(_) | Sample::Histogram(_))
        | (Measure::Quantile { .. }, Sample::Counts(_) | Sample::Events(_) | Sample::Exposed(_))
        | (
            Measure::Gauge { .. },
            Sample::Counts(_) | Sample::Events(_) | Sample::Exposed(_) | Sample::Histogram(_),
        ) => Err(Unusable::WrongKind { got: kind(sample), expected: expected(measure) }),
    }
}

fn each<T>(arms: &Arms<T>, check: impl Fn(Arm, &T) -> Result<(), Unusable>) -> Result<(), Unusable> {
    check(Arm::Candidate, &arms.canary)?;
    check(Arm::LastGood, &arms.control)
}

/// More than this is a mistake of the source.
const AMOUNT_MAX: f64 = 1e30;

fn amount(number: f64, arm: Arm) -> Result<(), Unusable> {
    if (0.0..=AMOUNT_MAX).contains(&number) { Ok(()) } else { Err(Unusable::NotAnAmount { arm }) }
}

fn check_histogram(histogram: &Histogram) -> Result<(), Unusable> {
    let Histogram { bounds, counts, .. } = histogram;
    let growing = bounds.is_sorted_by(|one, next| one < next) && bounds.iter().all(|bound| bound.is_finite());
    let buckets = bounds.len() + 1;
    let fits = counts.canary.len() == buckets && counts.control.len() == buckets;
    if !bounds.is_empty() && growing && fits { Ok(()) } else { Err(Unusable::NotAHistogram) }
}

fn kind(sample: &Sample) -> &'static str {
    match sample {
        Sample::Counts(_) => "a ratio of events",
        Sample::Events(_) => "a number of events",
        Sample::Exposed(_) => "a number of events per exposure",
        Sample::Values(_) => "a value",
        Sample::Histogram(_) => "a histogram",
    }
}

fn expected(measure: &Measure) -> &'static str {
    match measure {
        Measure::Ratio { .. } | Measure::Success { .. } => "a ratio of events",
        Measure::Count { .. } => "a number of events",
        Measure::Quantile { .. } => "a histogram or a value",
        Measure::Gauge { .. } => "a value",
    }
}
