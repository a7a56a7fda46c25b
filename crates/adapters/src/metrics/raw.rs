//! What a source said, before any meaning: series with raw values, by target.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;

/// One series of one target.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawSeries {
    /// The asks it answers, by index.
    pub(super) asks: BTreeSet<usize>,
    /// Its `le` label, when it is a histogram's bucket.
    pub(super) upper_bound: Option<f64>,
    /// Raw values with the instants they were taken at, oldest first.
    pub(super) points: Vec<(i64, f64)>,
}

/// Series by identity (name and all labels), by target (an instance).
pub(super) type Targets = BTreeMap<String, BTreeMap<String, RawSeries>>;

/// What one arm said.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ArmRaw {
    pub(super) targets: Targets,
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
        Self { targets: Targets::new(), failed: (0..plan.asks.len()).collect(), troubles: vec![trouble] }
    }
}
