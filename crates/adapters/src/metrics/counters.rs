//! Raw counters between two readings, scrape by scrape. Differences of raw values only: nothing is extrapolated.
//!
//! - The first reading of a target gives no difference: nobody knows since when it has been counting.
//! - A counter that fell was reset; its new value is the difference.
//! - A counter that appears on a target already known, none of whose others fell silent at the same scrape, began at
//!   zero: client libraries show a labelled counter only after its first event. When others do fall silent, labels
//!   were renamed, and its first value says nothing.
//! - A value not newer than the last is an answer that came twice or late, and says nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::raw::RawSeries;

/// Targets silent for this long are forgotten.
const FORGET_AFTER_MS: i64 = 3_600_000;
/// Counters of one target beyond this are forgotten when they have fallen silent.
const SERIES_MAX: usize = 100_000;

/// How far each counter moved at one scrape, by identity. `None`: it moved, and nobody knows how far.
pub(super) type Steps<'a> = BTreeMap<&'a str, Option<f64>>;

/// What was read last, by side and target.
#[derive(Debug, Default)]
pub(super) struct Counters {
    targets: HashMap<(String, String), Target>,
    /// Whether the first reading of a target gives what moved after its first scrape.
    from_first_scrape: bool,
}

#[derive(Debug, Default)]
struct Target {
    heard_ms: i64,
    /// The newest scrape, and the one before it.
    latest_ms: Option<i64>,
    previous_ms: Option<i64>,
    last: HashMap<String, Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    at_ms: i64,
    value: f64,
}

impl Counters {
    /// For a past that is read at once: what a target counted after its first scrape is counted.
    pub(super) fn of_the_past() -> Self {
        Self { from_first_scrape: true, ..Self::default() }
    }

    /// How far each counter of a target has moved since its last reading, by scrape. Counters without news are not
    /// among them, and a target on its first reading gives nothing.
    pub(super) fn differences<'a>(
        &mut self,
        side: &str,
        target: &str,
        at_ms: i64,
        series: &'a BTreeMap<String, RawSeries>,
    ) -> BTreeMap<i64, Steps<'a>> {
        let known = self.targets.entry((side.to_owned(), target.to_owned())).or_default();
        let is_first = known.latest_ms.is_none();
        let scrapes = known.news(series);
        if !scrapes.is_empty() {
            known.heard_ms = at_ms;
        }
        let steps =
            scrapes.into_iter().map(|(scraped_ms, news)| (scraped_ms, known.advance(scraped_ms, &news)));
        let steps: BTreeMap<i64, Steps<'a>> = steps.collect();
        if is_first && !self.from_first_scrape { BTreeMap::new() } else { steps }
    }

    /// Forgets targets that have been silent for an hour, so that memory stays bounded while instances come and go.
    pub(super) fn forget_silent(&mut self, at_ms: i64) {
        self.targets.retain(|_, target| at_ms.saturating_sub(target.heard_ms) < FORGET_AFTER_MS);
    }
}

impl Target {
    /// The usable points newer than the last one seen of each counter, by scrape. Of two at the same instant the first
    /// counts.
    fn news<'a>(&self, series: &'a BTreeMap<String, RawSeries>) -> BTreeMap<i64, BTreeMap<&'a str, f64>> {
        let mut scrapes = BTreeMap::<i64, BTreeMap<&'a str, f64>>::new();
        for (identity, series) in series {
            let since = self.last.get(identity).map_or(i64::MIN, |last| last.at_ms);
            let usable = |value: f64| value.is_finite() && value >= 0.0;
            for (at_ms, value) in
                series.points.iter().filter(|(at_ms, value)| *at_ms > since && usable(*value))
            {
                scrapes.entry(*at_ms).or_default().entry(identity).or_insert(*value);
            }
        }
        scrapes
    }

    /// Moves every counter that has a value at this scrape.
    fn advance<'a>(&mut self, at_ms: i64, news: &BTreeMap<&'a str, f64>) -> Steps<'a> {
        let before_ms = self.begin_scrape(at_ms);
        let appeared = news.keys().any(|identity| !self.last.contains_key(*identity));
        let from_zero = appeared && before_ms.is_some_and(|before_ms| !self.fell_silent(before_ms, news));
        let steps =
            news.iter().map(|(identity, value)| (*identity, self.step(identity, at_ms, *value, from_zero)));
        let steps = steps.collect();
        if self.last.len() > SERIES_MAX {
            self.last.retain(|_, last| last.at_ms == at_ms);
        }
        steps
    }

    /// The scrape before the one at `at_ms`, when it is known.
    fn begin_scrape(&mut self, at_ms: i64) -> Option<i64> {
        match self.latest_ms {
            Some(latest_ms) if at_ms < latest_ms => None,
            Some(latest_ms) if at_ms == latest_ms => self.previous_ms,
            Some(_) | None => {
                self.previous_ms = self.latest_ms.replace(at_ms);
                self.previous_ms
            }
        }
    }

    /// Whether a counter that had a value at the scrape before has none any more.
    fn fell_silent(&self, before_ms: i64, news: &BTreeMap<&str, f64>) -> bool {
        let heard: HashSet<&str> = news.keys().copied().collect();
        let mut before = self.last.iter().filter(|(_, last)| last.at_ms == before_ms);
        before.any(|(identity, _)| !heard.contains(identity.as_str()))
    }

    fn step(&mut self, identity: &str, at_ms: i64, value: f64, from_zero: bool) -> Option<f64> {
        let last = self.last.insert(identity.to_owned(), Last { at_ms, value });
        match last {
            Some(last) if value < last.value => Some(value),
            Some(last) => Some(value - last.value),
            None => from_zero.then_some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    type Moved = Vec<(String, Option<f64>)>;

    struct Source {
        counters: Counters,
        now_ms: i64,
    }

    impl Source {
        fn new() -> Self {
            Self { counters: Counters::default(), now_ms: 0 }
        }

        /// One scrape of target `a`; gives what moved.
        fn read(&mut self, values: &[(&str, f64)]) -> Moved {
            self.now_ms += 1_000;
            let points: Vec<_> =
                values.iter().map(|(name, value)| (*name, vec![(self.now_ms, *value)])).collect();
            self.read_points(&points).pop().map_or_else(Vec::new, |(_, moved)| moved)
        }

        /// One reading with several scrapes in it.
        fn read_points(&mut self, points: &[(&str, Vec<(i64, f64)>)]) -> Vec<(i64, Moved)> {
            let series = all(points);
            let steps = self.counters.differences("canary v1", "a", self.now_ms, &series);
            let named =
                |steps: Steps<'_>| steps.into_iter().map(|(name, by)| (name.to_owned(), by)).collect();
            steps.into_iter().map(|(at_ms, steps)| (at_ms, named(steps))).collect()
        }
    }

    fn all(points: &[(&str, Vec<(i64, f64)>)]) -> BTreeMap<String, RawSeries> {
        let series = |points: &Vec<(i64, f64)>| RawSeries {
            asks: BTreeSet::new(),
            bucket: None,
            points: points.clone(),
        };
        points.iter().map(|(name, points)| ((*name).to_owned(), series(points))).collect()
    }

    fn moved(pairs: &[(&str, f64)]) -> Moved {
        pairs.iter().map(|(name, by)| ((*name).to_owned(), Some(*by))).collect()
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
        assert_eq!(source.read(&[("new", 5_010.0)]), [("new".to_owned(), None)]);
        assert_eq!(source.read(&[("new", 5_020.0)]), moved(&[("new", 10.0)]));
        assert_eq!(source.read(&[("new", 5_030.0), ("other", 1.0)]), moved(&[("new", 10.0), ("other", 1.0)]));
        assert_eq!(
            source.read(&[("old", 5_007.0)])[0],
            ("old".to_owned(), Some(7.0)),
            "an old name is remembered"
        );
    }

    #[test]
    fn labels_renamed_between_two_readings_are_seen_scrape_by_scrape() {
        let mut source = Source::new();
        source.read_points(&[("old", vec![(1, 4_990.0)])]);
        let steps = source.read_points(&[
            ("old", vec![(1, 4_990.0), (2, 5_000.0)]),
            ("new", vec![(3, 5_010.0), (4, 5_030.0)]),
        ]);
        let unknown = vec![("new".to_owned(), None)];
        assert_eq!(steps, [(2, moved(&[("old", 10.0)])), (3, unknown), (4, moved(&[("new", 20.0)]))]);
    }

    #[test]
    fn half_a_scrape_that_comes_one_reading_late_belongs_to_its_scrape() {
        let mut source = Source::new();
        source.read_points(&[("all", vec![(1, 10.0)]), ("bad", vec![(1, 1.0)])]);
        source.read_points(&[("all", vec![(1, 10.0), (2, 20.0)]), ("bad", vec![(1, 1.0)])]);
        let late = source.read_points(&[
            ("all", vec![(1, 10.0), (2, 20.0)]),
            ("bad", vec![(1, 1.0), (2, 3.0)]),
            ("worse", vec![(2, 2.0)]),
        ]);
        assert_eq!(late, [(2, moved(&[("bad", 2.0), ("worse", 2.0)]))]);
    }

    #[test]
    fn values_that_no_counter_can_have_are_passed_over() {
        let mut source = Source::new();
        source.read(&[("x", 10.0)]);
        for broken in [f64::NAN, f64::INFINITY, -1.0] {
            assert_eq!(source.read(&[("x", broken)]), moved(&[]));
        }
        let covered = source.read(&[("x", 12.0)]);
        assert_eq!(covered, moved(&[("x", 2.0)]), "the gap is covered by the next good value");
    }

    #[test]
    fn several_scrapes_are_walked_through_and_those_that_come_twice_or_in_disorder_count_once() {
        let mut source = Source::new();
        assert!(source.read_points(&[("x", vec![(1, 5.0), (2, 6.0)])]).is_empty(), "a first reading");
        let disordered = vec![(1, 5.0), (4, 2.0), (3, 9.0), (3, 7.0), (2, 6.0), (5, 3.0)];
        let steps = source.read_points(&[("x", disordered.clone())]);
        assert_eq!(steps, [(3, moved(&[("x", 3.0)])), (4, moved(&[("x", 2.0)])), (5, moved(&[("x", 1.0)]))]);
        assert!(source.read_points(&[("x", disordered)]).is_empty(), "nothing new");
        assert!(source.read_points(&[("x", vec![(4, 1.0)])]).is_empty(), "an older answer after a newer one");
    }

    #[test]
    fn sides_are_apart_and_what_is_silent_for_long_is_forgotten() {
        let mut counters = Counters::default();
        let series = all(&[("x", vec![(1, 5.0)])]);
        assert!(counters.differences("canary v1", "a", 6, &series).is_empty());
        assert!(
            counters.differences("control v1", "a", 7, &series).is_empty(),
            "another side is another counter"
        );
        counters.forget_silent(FORGET_AFTER_MS + 7);
        assert!(counters.targets.is_empty());
    }

    #[test]
    fn the_past_counts_from_its_first_scrape() {
        let mut counters = Counters::of_the_past();
        let series = all(&[("ok", vec![(1, 500.0), (2, 510.0), (3, 520.0)]), ("error", vec![(3, 2.0)])]);
        let steps = counters.differences("v1", "a", 3, &series);
        let at = |scrape: i64, name: &str| steps[&scrape].get(name).copied();
        assert_eq!(at(1, "ok"), Some(None), "nobody knows what was before");
        assert_eq!(
            (at(2, "ok"), at(3, "ok"), at(3, "error")),
            (Some(Some(10.0)), Some(Some(10.0)), Some(Some(2.0)))
        );
    }
}
