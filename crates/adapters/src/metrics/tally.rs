//! What one signal's counters moved by, in one number or two, or by bucket.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    buckets::{self, Buckets},
    heard::{Heard, Step},
};

/// What a signal counted over some time.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tally {
    /// All events, or the exposure.
    pub(super) all: f64,
    /// The events the signal is about: bad ones, good ones, crashes.
    pub(super) some: f64,
    /// For histograms.
    pub(super) buckets: Option<Buckets>,
}

/// What one arm counted since the previous reading.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tallied {
    pub(super) sum: Tally,
    /// Whether all events were heard of.
    pub(super) news: bool,
    /// The same apart by target.
    pub(super) by_target: BTreeMap<String, Tally>,
}

impl Tally {
    /// Adds what was counted over another time, or elsewhere.
    pub(super) fn add(&mut self, other: &Self) {
        self.all += other.all;
        self.some += other.some;
        if let Some(more) = &other.buckets {
            buckets::add(&mut self.buckets, more);
        }
    }
}

/// What both counters of a signal moved by on one arm. `main` is the one without which the other says nothing.
///
/// Where any of them moved by nobody knows how much (its labels were renamed), the whole scrape of that target is left
/// out: a part of the events beside all of them would be a wrong rate.
pub(super) fn tally(main: &Heard, all: Option<&Heard>, some: Option<&Heard>) -> Tallied {
    let mut tallied = Tallied::default();
    let keys = |heard: &Heard| heard.steps.keys().cloned().collect::<Vec<_>>();
    let keys: BTreeSet<(String, i64)> =
        [Some(main), all, some].into_iter().flatten().flat_map(keys).collect();
    for key in keys {
        let at = |heard: Option<&Heard>| heard.and_then(|heard| heard.steps.get(&key)).cloned();
        let (main, all, some) = (at(Some(main)), at(all), at(some));
        let unknown = |step: &Option<Step>| step.as_ref().is_some_and(|step| step.unknown);
        if [&main, &all, &some].into_iter().any(unknown) {
            continue;
        }
        let moved = |step: &Option<Step>| step.as_ref().map_or(0.0, |step| step.moved);
        let tally = Tally {
            all: moved(&all),
            some: moved(&some),
            buckets: main.as_ref().and_then(|step| step.buckets.clone()),
        };
        tallied.news |= main.is_some();
        tallied.sum.add(&tally);
        tallied.by_target.entry(key.0).or_default().add(&tally);
    }
    tallied
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(steps: &[(&str, i64, Option<f64>)]) -> Heard {
        let step = |moved: Option<f64>| Step {
            moved: moved.unwrap_or(0.0),
            unknown: moved.is_none(),
            buckets: None,
        };
        let steps =
            steps.iter().map(|(target, at, moved)| (((*target).to_owned(), *at), step(*moved))).collect();
        Heard { steps, ..Heard::default() }
    }

    #[test]
    fn a_scrape_in_which_one_counter_is_unknown_is_left_out_for_both() {
        let all = heard(&[("a", 1, Some(10.0)), ("a", 2, Some(10.0)), ("b", 1, Some(5.0))]);
        let good = heard(&[("a", 1, Some(9.0)), ("a", 2, None), ("b", 1, Some(5.0))]);
        let tallied = tally(&all, Some(&all), Some(&good));
        assert_eq!((tallied.sum.all, tallied.sum.some, tallied.news), (15.0, 14.0, true));
        assert_eq!((tallied.by_target["a"].all, tallied.by_target["b"].all), (10.0, 5.0));
        let only_unknown = heard(&[("a", 2, None)]);
        assert!(!tally(&all, Some(&only_unknown), None).by_target.contains_key("c"));
        assert!(!tally(&only_unknown, Some(&only_unknown), None).news);
    }

    #[test]
    fn some_events_without_news_of_all_are_kept_and_are_no_news() {
        let all = heard(&[]);
        let bad = heard(&[("a", 1, Some(3.0))]);
        let tallied = tally(&all, Some(&all), Some(&bad));
        assert_eq!((tallied.sum.some, tallied.news), (3.0, false));
    }
}
