//! Times, rates, and what the record cannot know.

use ripcord_model::ReleaseName;
use serde::{Deserialize, Serialize};

/// Raw times and their median.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// The lower of the two in the middle where there is no middle, so that it was measured; absent without values.
    pub median_ms: Option<u64>,
    /// Every one, in the order of the ledger.
    pub values: Vec<Took>,
}

/// One time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Took {
    /// The release.
    pub release: ReleaseName,
    /// How long.
    pub ms: u64,
    /// The entries between which it is counted.
    pub entries: Vec<u64>,
}

impl Times {
    /// With the median of `values`.
    pub fn of(values: Vec<Took>) -> Self {
        let mut sorted: Vec<u64> = values.iter().map(|took| took.ms).collect();
        sorted.sort_unstable();
        let median_ms = sorted.get(sorted.len().saturating_sub(1) / 2).copied();
        Self { median_ms, values }
    }
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// `count / of`; absent when `of` is zero.
    pub rate: Option<f64>,
}

impl Rate {
    /// `count` of `of`.
    pub fn new(count: u64, of: u64) -> Self {
        Self { count, of, rate: (of > 0).then(|| count as f64 / of as f64) }
    }
}

/// Whether the record knows something, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Whether it does.
    pub known: bool,
    /// Why not.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn median(values: &[u64]) -> Option<u64> {
        let release = ReleaseName::new("a").unwrap();
        let took = |ms: &u64| Took { release: release.clone(), ms: *ms, entries: Vec::new() };
        Times::of(values.iter().map(took).collect()).median_ms
    }

    #[test]
    fn a_median_is_a_value_that_was_measured() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7]), Some(7));
        assert_eq!(median(&[9, 1, 5]), Some(5));
        assert_eq!(median(&[100, 1, 5, 9]), Some(5), "the lower of the two in the middle");
    }

    #[test]
    fn nothing_of_nothing_is_no_rate() {
        assert_eq!(Rate::new(0, 0).rate, None);
        assert_eq!(Rate::new(1, 4).rate, Some(0.25));
    }
}
