//! What a source said, before any meaning: series with raw values, by target.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;

/// One series of one target.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawSeries {
    /// The asks it answers, by index.
    pub(super) asks: BTreeSet<usize>,
    /// What its `le` label says, when it is a histogram's bucket.
    pub(super) bucket: Option<Bucket>,
    /// Raw values with the instants they were taken at, oldest first.
    pub(super) points: Vec<(i64, f64)>,
}

/// Which bucket of which histogram a series is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bucket {
    /// The name and all labels but `le`: series that are alike in it are one histogram.
    pub(super) histogram: String,
    pub(super) upper_bound: f64,
}

/// Series by identity (name and all labels), by target (an instance).
pub(super) type Targets = BTreeMap<String, BTreeMap<String, RawSeries>>;

/// What one arm said.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ArmRaw {
    pub(super) targets: Targets,
    /// Targets that should have answered and did not.
    pub(super) silent: BTreeSet<String>,
    /// Asks that got no answer at all; their counters stay where they are.
    pub(super) failed: BTreeSet<usize>,
    /// Why, for people.
    pub(super) troubles: Vec<String>,
}

impl ArmRaw {
    /// Takes in a series. Of a series that answers several asks the first reading is kept, so that they agree.
    pub(super) fn add(&mut self, target: &str, identity: String, series: RawSeries) {
        let target = self.targets.entry(target.to_owned()).or_default();
        match target.get_mut(&identity) {
            Some(known) => known.asks.extend(series.asks),
            None => {
                target.insert(identity, series);
            }
        }
    }

    /// Nothing was answered, for one reason.
    pub(super) fn all_failed(plan: &Plan, trouble: String) -> Self {
        Self { failed: (0..plan.asks.len()).collect(), troubles: vec![trouble], ..Self::default() }
    }
}

/// A series' identity, and what bucket it is: its name and labels, in an order that is always the same.
pub(super) fn identify<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> (String, Option<Bucket>) {
    let (mut identity, mut histogram, mut upper_bound) = (String::new(), String::new(), None);
    for (label, value) in labels {
        let part = format!("{label}={value}\u{1f}");
        identity += &part;
        if label == "le" {
            upper_bound = value.parse::<f64>().ok().filter(|bound| !bound.is_nan());
        } else {
            histogram += &part;
        }
    }
    (identity, upper_bound.map(|upper_bound| Bucket { histogram, upper_bound }))
}
