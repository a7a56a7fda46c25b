//! One arm's raw series, turned into what each ask heard.

use std::collections::BTreeMap;

use super::{
    buckets::{self, Buckets},
    counters::{Counters, Steps},
    plan::{Plan, Role},
    raw::{ArmRaw, RawSeries},
};

/// What one ask heard on one arm.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Heard {
    /// The source gave no answer at all.
    pub(super) failed: bool,
    /// How many series each target showed; targets without any are not among them.
    pub(super) series: BTreeMap<String, usize>,
    /// For counters: how far they moved in sum, by target and scrape.
    pub(super) steps: BTreeMap<(String, i64), Step>,
    /// For gauges: the newest values, by target.
    pub(super) values: BTreeMap<String, Vec<f64>>,
}

/// How far the counters of one target moved at one scrape.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Step {
    /// For buckets: what the one that counts everything moved by.
    pub(super) moved: f64,
    /// Some of them moved, and nobody knows how far.
    pub(super) unknown: bool,
    /// The same by upper bound, for buckets.
    pub(super) buckets: Option<Buckets>,
}

impl Heard {
    /// Whether any target shows what is asked for.
    pub(super) fn is_shown(&self) -> bool {
        !self.series.is_empty()
    }

    /// How far the counters moved in sum over all targets.
    pub(super) fn moved(&self) -> f64 {
        self.steps.values().map(|step| step.moved).sum()
    }

    /// The mean of all values; `None` without any.
    pub(super) fn mean(&self) -> Option<f64> {
        mean(self.values.values().flatten().copied())
    }
}

/// The mean; `None` of nothing.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// What every ask of the plan heard on one arm, by the ask's index.
pub(super) fn listen(
    plan: &Plan,
    raw: &ArmRaw,
    side: &str,
    at_ms: i64,
    counters: &mut Counters,
) -> Vec<Heard> {
    let mut heard: Vec<Heard> = (0..plan.asks.len())
        .map(|ask| Heard { failed: raw.failed.contains(&ask), ..Heard::default() })
        .collect();
    let counts = |series: &RawSeries| series.asks.iter().any(|ask| plan.asks[*ask].role.counts());
    for (target, series) in &raw.targets {
        for series in series.values() {
            series.asks.iter().for_each(|ask| note(&mut heard[*ask], plan, *ask, target, series));
        }
        let counting = series.iter().filter(|(_, series)| counts(series));
        let counting = counting.map(|(identity, series)| (identity.clone(), series.clone())).collect();
        for (scraped_ms, steps) in counters.differences(side, target, at_ms, &counting) {
            for (ask, heard) in heard.iter_mut().enumerate() {
                if let Some(step) = step_of(ask, plan.asks[ask].role, &counting, &steps) {
                    heard.steps.insert((target.clone(), scraped_ms), step);
                }
            }
        }
    }
    heard
}

/// Notes that a series is there, and its newest value if it is a gauge's. Values that are not numbers are left out.
fn note(heard: &mut Heard, plan: &Plan, ask: usize, target: &str, series: &RawSeries) {
    *heard.series.entry(target.to_owned()).or_default() += 1;
    if plan.asks[ask].role.counts() {
        return;
    }
    if let Some((_, value)) = series.points.last().filter(|(_, value)| value.is_finite()) {
        heard.values.entry(target.to_owned()).or_default().push(*value);
    }
}

/// The step of one ask at one scrape; `None` when none of its counters was seen to move.
fn step_of(ask: usize, role: Role, series: &BTreeMap<String, RawSeries>, steps: &Steps<'_>) -> Option<Step> {
    let mut step = None;
    let mut histograms = BTreeMap::<&str, Vec<(f64, f64)>>::new();
    for (identity, moved) in steps {
        let Some(series) = series.get(*identity).filter(|series| series.asks.contains(&ask)) else {
            continue;
        };
        let step = step.get_or_insert_with(Step::default);
        let Some(moved) = *moved else {
            step.unknown = true;
            continue;
        };
        match series.bucket.as_ref().filter(|_| role == Role::Buckets) {
            Some(bucket) => {
                histograms.entry(&bucket.histogram).or_default().push((bucket.upper_bound, moved))
            }
            None => step.moved += moved,
        }
    }
    let mut step = step?;
    for pairs in histograms.into_values() {
        if let Some(histogram) = Buckets::of(pairs) {
            step.moved += histogram.total().unwrap_or(0.0);
            buckets::add(&mut step.buckets, &histogram);
        }
    }
    Some(step)
}
