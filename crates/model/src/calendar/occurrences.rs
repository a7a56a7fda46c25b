//! The times at which windows are in force, one after the other: a calendar that people can read.

use serde::{Deserialize, Serialize};

use super::{cron, whole_second, zone};
use crate::{
    Timestamp,
    nouns::freeze::{FreezeSpan, FreezeWindow},
};

/// How many times of one window are listed at most.
const OCCURRENCES_MAX: usize = 1_000;

/// A time in which a window is in force. It contains its first instant and not its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Occurrence {
    /// Begins.
    pub from: Timestamp,
    /// Ends.
    pub until: Timestamp,
}

impl FreezeWindow {
    /// Every time that touches the span from `from` to `until`, in order; the one in force at `from` comes first.
    pub fn occurrences(&self, from: Timestamp, until: Timestamp) -> Vec<Occurrence> {
        let mut found = Vec::new();
        let mut at = from;
        while found.len() < OCCURRENCES_MAX {
            if let Some(end) = self.in_force(at) {
                found.push(Occurrence { from: self.begun(at).unwrap_or(at), until: end });
                at = end;
            }
            // A window that is in force again at its own end begins there.
            if self.in_force(at).is_some() && at < until {
                continue;
            }
            match self.next_start(at) {
                Some(start) if start < until => at = start,
                Some(_) | None => break,
            }
        }
        found
    }

    /// When the window that is in force at `at` began.
    fn begun(&self, at: Timestamp) -> Option<Timestamp> {
        match &self.span {
            FreezeSpan::Absolute { from, .. } => Some(*from),
            FreezeSpan::Recurring { from, until } => {
                let (from, until) = (cron(from)?, cron(until)?);
                let now = whole_second(at, zone(&self.zone)?)?;
                // The first beginning after the last end: one that begins again while it lasts has begun once.
                let begun = match until.find_previous_occurrence(&now, true) {
                    Ok(ended) => from.find_next_occurrence(&ended, true),
                    Err(_) => from.find_previous_occurrence(&now, true),
                };
                begun.ok().map(|zoned| Timestamp::from_jiff(zoned.timestamp()))
            }
        }
    }

    /// An instant as the clocks of the window's zone show it, with their offset: `Fri 2026-11-27 16:00 +01:00`.
    pub fn local(&self, at: Timestamp) -> String {
        let Some(zone) = zone(&self.zone) else { return String::from(at) };
        at.to_jiff().to_zoned(zone).strftime("%a %Y-%m-%d %H:%M %:z").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn recurring(from: &str, until: &str) -> FreezeWindow {
        let span = FreezeSpan::Recurring { from: from.into(), until: until.into() };
        FreezeWindow { span, zone: "Europe/Berlin".into(), reason: "weekend".into() }
    }

    fn listed(window: &FreezeWindow, from: &str, until: &str) -> Vec<(String, String)> {
        let found = window.occurrences(at(from), at(until));
        found.into_iter().map(|found| (window.local(found.from), window.local(found.until))).collect()
    }

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
        pairs.map(|(from, until)| (from.to_owned(), until.to_owned())).to_vec()
    }

    #[test]
    fn the_present_weekend_comes_first_and_the_clock_on_the_wall_stays_the_same_across_the_change() {
        let weekend = recurring("0 16 * * FRI", "0 8 * * MON");
        // Berlin leaves summer time on Sunday 2026-10-25: the second weekend ends at another offset than it begins.
        let expected = pairs([
            ("Fri 2026-10-16 16:00 +02:00", "Mon 2026-10-19 08:00 +02:00"),
            ("Fri 2026-10-23 16:00 +02:00", "Mon 2026-10-26 08:00 +01:00"),
            ("Fri 2026-10-30 16:00 +01:00", "Mon 2026-11-02 08:00 +01:00"),
        ]);
        assert_eq!(listed(&weekend, "2026-10-17T12:00:00Z", "2026-10-31T00:00:00Z"), expected);
    }

    #[test]
    fn a_window_that_begins_again_while_it_lasts_is_one() {
        let week = recurring("0 9 * * *", "0 16 * * FRI");
        let expected = pairs([
            ("Sat 2026-11-14 09:00 +01:00", "Fri 2026-11-20 16:00 +01:00"),
            ("Sat 2026-11-21 09:00 +01:00", "Fri 2026-11-27 16:00 +01:00"),
        ]);
        assert_eq!(listed(&week, "2026-11-17T00:00:00Z", "2026-11-24T00:00:00Z"), expected);
    }

    #[test]
    fn what_lies_behind_or_beyond_is_not_listed_and_nothing_goes_on_for_ever() {
        let span =
            FreezeSpan::Absolute { from: at("2026-12-20T00:00:00Z"), until: at("2027-01-04T00:00:00Z") };
        let window = FreezeWindow { span, zone: "UTC".into(), reason: "end of the year".into() };
        let count = |from: &str, until: &str| window.occurrences(at(from), at(until)).len();
        assert_eq!(count("2026-12-01T00:00:00Z", "2026-12-20T00:00:00Z"), 0);
        assert_eq!(count("2026-12-01T00:00:00Z", "2026-12-21T00:00:00Z"), 1);
        assert_eq!(count("2027-01-03T23:59:59Z", "2027-02-01T00:00:00Z"), 1);
        assert_eq!(count("2027-01-04T00:00:00Z", "2027-02-01T00:00:00Z"), 0);
        let minutely = recurring("* * * * *", "* * * * *");
        assert!(minutely.occurrences(at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z")).is_empty());
        let often = recurring("*/2 * * * *", "1-59/2 * * * *");
        assert_eq!(often.occurrences(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).len(), 1_000);
    }

    #[test]
    fn gap_and_fold_at_an_edge_leave_no_hole_and_no_second_freeze() {
        // 02:30 does not exist on 2026-03-29 and exists twice on 2026-10-25.
        let night = recurring("30 2 * * *", "0 6 * * *");
        let spring = listed(&night, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z");
        let expected = pairs([
            ("Sun 2026-03-29 03:00 +02:00", "Sun 2026-03-29 06:00 +02:00"),
            ("Mon 2026-03-30 02:30 +02:00", "Mon 2026-03-30 06:00 +02:00"),
        ]);
        assert_eq!(spring, expected);
        let evening = recurring("0 22 * * *", "30 2 * * *");
        let autumn = listed(&evening, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z");
        let expected = pairs([
            ("Sat 2026-10-24 22:00 +02:00", "Sun 2026-10-25 02:30 +02:00"),
            ("Sun 2026-10-25 22:00 +01:00", "Mon 2026-10-26 02:30 +01:00"),
        ]);
        assert_eq!(autumn, expected);
        let spring = listed(&evening, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z");
        assert_eq!(spring, pairs([("Sat 2026-03-28 22:00 +01:00", "Sun 2026-03-29 03:00 +02:00")]));
    }
}
