//! One arm's raw series, turned into what each ask heard.

use super::{
    counters::Counters,
    histogram::{Buckets, merge},
    plan::Plan,
    raw::{ArmRaw, RawSeries},
};

/// What one ask heard on one arm.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Heard {
    /// The source gave no answer at all.
    pub(super) failed: bool,
    /// How many series there were.
    pub(super) series: usize,
    /// How far the counters moved in sum; `None` when none had a difference to give.
    pub(super) moved: Option<f64>,
    /// The same by upper bound, for buckets.
    pub(super) buckets: Buckets,
    /// The mean of all series, for gauges.
    pub(super) mean: Option<f64>,
}

/// What every ask of the plan heard on one arm, by the ask's index.
pub(super) fn listen(
    plan: &Plan,
    raw: &ArmRaw,
    version: &str,
    at_ms: i64,
    counters: &mut Counters,
) -> Vec<Heard> {
    let mut heard: Vec<Heard> = (0..plan.asks.len())
        .map(|ask| Heard { failed: raw.failed.contains(&ask), ..Heard::default() })
        .collect();
    let counts = |series: &RawSeries| series.asks.iter().any(|ask| plan.asks[*ask].role.counts());
    for (target, series) in &raw.targets {
        let counting = series.iter().filter(|(_, series)| counts(series));
        let counting = counting.map(|(identity, series)| (identity.clone(), series.clone())).collect();
        let moved = counters.differences(version, target, at_ms, &counting);
        for (identity, series) in series {
            for ask in &series.asks {
                note(&mut heard[*ask], series, moved.get(identity.as_str()).copied());
            }
        }
    }
    for (ask, heard) in plan.asks.iter().zip(&mut heard) {
        heard.mean = if ask.role.counts() { None } else { mean(raw, plan, ask) };
    }
    heard
}

fn note(heard: &mut Heard, series: &RawSeries, moved: Option<f64>) {
    heard.series += 1;
    let Some(moved) = moved else {
        return;
    };
    heard.moved = Some(heard.moved.unwrap_or(0.0) + moved);
    if let Some(bound) = series.upper_bound {
        merge(&mut heard.buckets, &[(bound, moved)]);
    }
}

/// The mean over all series, of the newest value of each; values that are not numbers are left out.
fn mean(raw: &ArmRaw, plan: &Plan, ask: &super::plan::Ask) -> Option<f64> {
    let is_asked = |series: &&RawSeries| series.asks.iter().any(|index| &plan.asks[*index] == ask);
    let newest = raw.targets.values().flat_map(|series| series.values()).filter(is_asked);
    let values: Vec<f64> = newest
        .filter_map(|series| series.points.last())
        .map(|point| point.1)
        .filter(|v| v.is_finite())
        .collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
