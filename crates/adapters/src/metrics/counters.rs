//! Raw counters between two readings. Differences of raw values only: nothing is extrapolated.
//!
//! - The first reading of a counter gives no difference: nobody knows since when it has been counting.
//! - A counter that fell was reset; its new value is the difference.
//! - A counter that appears on a target already known, none of whose others fell silent at the same time, began at
//!   zero: client libraries show a labelled counter only after its first event. When others do fall silent, labels
//!   were renamed, and the reading is a first one.

use std::collections::{BTreeMap, HashMap};

use super::raw::RawSeries;

/// Targets silent for this long are forgotten.
const FORGET_AFTER_MS: i64 = 3_600_000;

/// What was read last, by version and target.
#[derive(Debug, Default)]
pub(super) struct Counters {
    targets: HashMap<(String, String), Target>,
}

#[derive(Debug, Default)]
struct Target {
    /// Readings of this target that brought news.
    round: u64,
    heard_ms: i64,
    last: HashMap<String, Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    at_ms: i64,
    value: f64,
    round: u64,
}

impl Counters {
    /// How far each counter of a target has moved since its last reading, by identity; counters without news or on
    /// their first reading are not among them.
    pub(super) fn differences<'a>(
        &mut self,
        version: &str,
        target: &str,
        at_ms: i64,
        series: &'a BTreeMap<String, RawSeries>,
    ) -> BTreeMap<&'a str, f64> {
        let known = self.targets.entry((version.to_owned(), target.to_owned())).or_default();
        let news: Vec<(&'a str, Vec<(i64, f64)>)> = series
            .iter()
            .map(|(identity, series)| (identity.as_str(), known.news_of(identity, series)))
            .filter(|(_, points)| !points.is_empty())
            .collect();
        if news.is_empty() {
            return BTreeMap::new();
        }
        known.heard_ms = at_ms;
        let from_zero = known.round > 0 && !known.somebody_fell_silent(&news);
        known.round += 1;
        news.into_iter()
            .filter_map(|(identity, points)| Some((identity, known.advance(identity, &points, from_zero)?)))
            .collect()
    }

    /// Forgets targets that have been silent for an hour, so that memory stays bounded while instances come and go.
    pub(super) fn forget_silent(&mut self, at_ms: i64) {
        self.targets.retain(|_, target| at_ms.saturating_sub(target.heard_ms) < FORGET_AFTER_MS);
    }
}

impl Target {
    /// The usable points newer than the last one seen.
    fn news_of(&self, identity: &str, series: &RawSeries) -> Vec<(i64, f64)> {
        let since = self.last.get(identity).map_or(i64::MIN, |last| last.at_ms);
        let usable = |(at_ms, value): &&(i64, f64)| *at_ms > since && value.is_finite() && *value >= 0.0;
        series.points.iter().filter(usable).copied().collect()
    }

    fn somebody_fell_silent(&self, news: &[(&str, Vec<(i64, f64)>)]) -> bool {
        self.last
            .iter()
            .filter(|(_, last)| last.round == self.round)
            .any(|(identity, _)| !news.iter().any(|(heard, _)| heard == identity))
    }

    /// Moves a counter through its new points; `None` on its first reading.
    fn advance(&mut self, identity: &str, points: &[(i64, f64)], from_zero: bool) -> Option<f64> {
        let (mut at_ms, mut value, mut moved) = match self.last.get(identity) {
            Some(last) => (last.at_ms, last.value, Some(0.0)),
            None => (i64::MIN, 0.0, from_zero.then_some(0.0)),
        };
        for (point_ms, point) in points {
            let step = if *point < value { *point } else { point - value };
            moved = moved.map(|moved| moved + step);
            (at_ms, value) = (*point_ms, *point);
        }
        self.last.insert(identity.to_owned(), Last { at_ms, value, round: self.round });
        moved
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    struct Source {
        counters: Counters,
        now_ms: i64,
    }

    impl Source {
        fn new() -> Self {
            Self { counters: Counters::default(), now_ms: 0 }
        }

        /// One reading of target `a`; gives what moved.
        fn read(&mut self, values: &[(&str, f64)]) -> Vec<(String, f64)> {
            self.now_ms += 1_000;
            let series = |value: f64| RawSeries {
                asks: BTreeSet::new(),
                upper_bound: None,
                points: vec![(self.now_ms, value)],
            };
            let series = values.iter().map(|(name, value)| ((*name).to_owned(), series(*value))).collect();
            let moved = self.counters.differences("v1", "a", self.now_ms, &series);
            moved.into_iter().map(|(name, by)| (name.to_owned(), by)).collect()
        }
    }

    fn moved(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
        pairs.iter().map(|(name, by)| ((*name).to_owned(), *by)).collect()
    }

    #[test]
    fn a_counter_gives_differences_after_its_first_reading_and_survives_a_reset() {
        let mut source = Source::new();
        assert_eq!(source.read(&[("x", 1_000.0)]), moved(&[]));
        assert_eq!(source.read(&[("x", 1_010.0)]), moved(&[("x", 10.0)]));
        assert_eq!(source.read(&[("x", 4.0)]), moved(&[("x", 4.0)]), "a fall is a reset");
        assert_eq!(source.read(&[("x", 4.0)]), moved(&[("x", 0.0)]));
    }

    #[test]
    fn a_counter_that_appears_with_its_first_event_counts_from_zero() {
        let mut source = Source::new();
        source.read(&[("ok", 50.0)]);
        assert_eq!(source.read(&[("error", 3.0), ("ok", 60.0)]), moved(&[("error", 3.0), ("ok", 10.0)]));
    }

    #[test]
    fn renamed_labels_are_a_first_reading() {
        let mut source = Source::new();
        source.read(&[("old", 5_000.0)]);
        assert_eq!(source.read(&[("new", 5_010.0)]), moved(&[]));
        assert_eq!(source.read(&[("new", 5_020.0)]), moved(&[("new", 10.0)]));
        assert_eq!(source.read(&[("new", 5_030.0), ("other", 1.0)]), moved(&[("new", 10.0), ("other", 1.0)]));
    }

    #[test]
    fn values_that_no_counter_can_have_are_passed_over() {
        let mut source = Source::new();
        source.read(&[("x", 10.0)]);
        for broken in [f64::NAN, f64::INFINITY, -1.0] {
            assert_eq!(source.read(&[("x", broken)]), moved(&[]));
        }
        assert_eq!(
            source.read(&[("x", 12.0)]),
            moved(&[("x", 2.0)]),
            "the gap is covered by the next good value"
        );
    }

    #[test]
    fn several_points_are_walked_through_and_old_ones_are_passed_over() {
        let mut counters = Counters::default();
        let series = |points: &[(i64, f64)]| {
            let series = RawSeries { asks: BTreeSet::new(), upper_bound: None, points: points.to_vec() };
            BTreeMap::from([("x".to_owned(), series)])
        };
        assert!(counters.differences("v1", "a", 3, &series(&[(1, 5.0), (2, 6.0)])).is_empty());
        let answer = series(&[(1, 5.0), (2, 6.0), (3, 9.0), (4, 2.0), (5, 3.0)]);
        assert_eq!(counters.differences("v1", "a", 6, &answer)["x"], 3.0 + 2.0 + 1.0);
        assert!(counters.differences("v1", "a", 7, &answer).is_empty(), "nothing new");
        assert!(counters.differences("v2", "a", 7, &answer).is_empty(), "another version is another counter");
        counters.forget_silent(FORGET_AFTER_MS + 7);
        assert!(counters.targets.is_empty());
    }
}
