//! Calendars: zones, cron expressions and instants as people write them, and whether a freeze is in force.
//!
//! Zones come from the database compiled into the program, so the same file means the same everywhere.

mod occurrences;

use std::str::FromStr as _;

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{
    Zoned, civil,
    tz::{Disambiguation, TimeZone},
};
pub use occurrences::Occurrence;

use crate::{
    Timestamp,
    nouns::freeze::{FreezeSpan, FreezeWindow},
};

/// An IANA zone by its name.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// Five cron fields: no seconds, no years, no nicknames.
pub(crate) fn cron(text: &str) -> Option<Cron> {
    let five = text.split_whitespace().count() == 5 && text.len() <= 200 && text.is_ascii();
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    if five { parser.parse(text).ok() } else { None }
}

/// An instant: RFC 3339 with an offset, or date and time of day, or a date alone, in the zone given.
pub(crate) fn instant(text: &str, zone_name: &str) -> Option<Timestamp> {
    edge(text, zone_name, Side::Early)
}

/// Which of two instants is meant where clocks that change leave two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The earlier one.
    Early,
    /// The later one.
    Late,
}

/// The same for the edge of a window. A time of day that the clocks show twice or skip has two readings, an hour apart.
pub(crate) fn edge(text: &str, zone_name: &str, side: Side) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = jiff::Timestamp::from_str(text) {
        return Some(Timestamp::from_jiff(instant));
    }
    let local = civil::DateTime::from_str(text).ok()?;
    let reading = match side {
        Side::Early => Disambiguation::Earlier,
        Side::Late => Disambiguation::Later,
    };
    let zoned = zone(zone_name)?.to_ambiguous_zoned(local).disambiguate(reading).ok()?;
    Some(Timestamp::from_jiff(zoned.timestamp()))
}

/// Whether a cron expression has an occurrence after `at`.
pub(crate) fn comes_round(expression: &str, zone_name: &str, at: Timestamp) -> bool {
    let occurrence = || next(&cron(expression)?, &whole_second(at, zone(zone_name)?)?);
    occurrence().is_some()
}

impl FreezeWindow {
    /// Until when the freeze that is in force at `at` lasts; `None` when none is.
    ///
    /// A window contains its first instant and not its last. An expression or zone that cannot be read is no freeze:
    /// reading the file refuses it, so none reaches this place.
    pub fn in_force(&self, at: Timestamp) -> Option<Timestamp> {
        match &self.span {
            FreezeSpan::Absolute { from, until } => (*from <= at && at < *until).then_some(*until),
            FreezeSpan::Recurring { from, until } => {
                let (from, until) = (cron(from)?, cron(until)?);
                recurring_in_force(&from, &until, at, zone(&self.zone)?)
            }
        }
    }

    /// When the window begins next, after `at`.
    pub fn next_start(&self, at: Timestamp) -> Option<Timestamp> {
        match &self.span {
            FreezeSpan::Absolute { from, .. } => (*from > at).then_some(*from),
            FreezeSpan::Recurring { from, .. } => next(&cron(from)?, &whole_second(at, zone(&self.zone)?)?),
        }
    }
}

/// The freeze in force at `at` that lasts longest, and until when.
pub fn first_in_force(windows: &[FreezeWindow], at: Timestamp) -> Option<(&FreezeWindow, Timestamp)> {
    windows.iter().filter_map(|window| Some((window, window.in_force(at)?))).max_by_key(|(_, until)| *until)
}

/// Edges lie on whole minutes, so what is below a second decides nothing.
fn whole_second(at: Timestamp, zone: TimeZone) -> Option<Zoned> {
    let second = jiff::Timestamp::from_second(at.as_ms().div_euclid(1_000)).ok()?;
    Some(second.to_zoned(zone))
}

fn recurring_in_force(from: &Cron, until: &Cron, at: Timestamp, zone: TimeZone) -> Option<Timestamp> {
    let now = whole_second(at, zone)?;
    let begun = from.find_previous_occurrence(&now, true).ok()?;
    // Ended since it began: the nearer of the two edges behind us decides.
    let ended = until.find_previous_occurrence(&now, true).ok();
    if ended.is_some_and(|ended| ended >= begun) {
        return None;
    }
    next(until, &now)
}

fn next(cron: &Cron, after: &Zoned) -> Option<Timestamp> {
    cron.find_next_occurrence(after, false).ok().map(|zoned| Timestamp::from_jiff(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, until: &str) -> FreezeWindow {
        let span = FreezeSpan::Recurring { from: from.into(), until: until.into() };
        FreezeWindow { span, zone: "Europe/Berlin".into(), reason: "weekend".into() }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_weekend_freeze_begins_and_ends_to_the_second() {
        let weekend = window("0 16 * * FRI", "0 8 * * MON");
        // 2026-11-20 is a Friday; Berlin is at UTC+1.
        assert_eq!(weekend.in_force(at("2026-11-20T14:59:59.999Z")), None);
        assert_eq!(weekend.in_force(at("2026-11-20T15:00:00Z")), Some(at("2026-11-23T07:00:00Z")));
        assert_eq!(weekend.in_force(at("2026-11-20T15:00:00.001Z")), Some(at("2026-11-23T07:00:00Z")));
        assert_eq!(weekend.in_force(at("2026-11-23T06:59:59.999Z")), Some(at("2026-11-23T07:00:00Z")));
        assert_eq!(weekend.in_force(at("2026-11-23T07:00:00Z")), None);
        assert_eq!(weekend.next_start(at("2026-11-23T07:00:00Z")), Some(at("2026-11-27T15:00:00Z")));
    }

    #[test]
    fn clocks_that_go_back_make_the_weekend_an_hour_longer() {
        let weekend = window("0 16 * * FRI", "0 8 * * MON");
        // Berlin leaves summer time on Sunday 2026-10-25 at 03:00: begins at UTC+2, ends at UTC+1.
        let until = at("2026-10-26T07:00:00Z");
        assert_eq!(weekend.in_force(at("2026-10-23T13:59:59Z")), None);
        assert_eq!(weekend.in_force(at("2026-10-23T14:00:00Z")), Some(until));
        for minutes in 0..180 {
            let instant = at("2026-10-25T00:00:00Z").plus(crate::Duration::from_mins(minutes));
            assert_eq!(weekend.in_force(instant), Some(until), "{instant}");
        }
        assert_eq!(weekend.in_force(at("2026-10-26T06:59:59Z")), Some(until));
        assert_eq!(weekend.in_force(until), None);
    }

    #[test]
    fn clocks_that_go_forward_make_the_weekend_an_hour_shorter() {
        let weekend = window("0 16 * * FRI", "0 8 * * MON");
        // Berlin enters summer time on Sunday 2026-03-29 at 02:00: begins at UTC+1, ends at UTC+2.
        let until = at("2026-03-30T06:00:00Z");
        assert_eq!(weekend.in_force(at("2026-03-27T14:59:59Z")), None);
        assert_eq!(weekend.in_force(at("2026-03-27T15:00:00Z")), Some(until));
        assert_eq!(weekend.in_force(at("2026-03-30T05:59:59Z")), Some(until));
        assert_eq!(weekend.in_force(until), None);
    }

    #[test]
    fn an_edge_that_the_clock_skips_happens_when_the_gap_ends() {
        // 02:30 does not exist on 2026-03-29 in Berlin; the freeze must neither vanish nor stay open for a day.
        let night = window("30 2 * * *", "0 6 * * *");
        assert_eq!(night.in_force(at("2026-03-29T00:59:59Z")), None);
        assert_eq!(night.in_force(at("2026-03-29T01:00:00Z")), Some(at("2026-03-29T04:00:00Z")));
        assert_eq!(night.in_force(at("2026-03-29T03:59:59Z")), Some(at("2026-03-29T04:00:00Z")));
        assert_eq!(night.in_force(at("2026-03-29T04:00:00Z")), None);
        let ends = window("0 1 * * *", "30 2 * * *");
        assert_eq!(ends.in_force(at("2026-03-29T00:30:00Z")), Some(at("2026-03-29T01:00:00Z")));
        assert_eq!(ends.in_force(at("2026-03-29T01:00:00Z")), None);
    }

    #[test]
    fn an_edge_that_the_clock_repeats_happens_once() {
        // 02:30 happens twice on 2026-10-25 in Berlin: at 00:30Z and at 01:30Z; the first one counts.
        let night = window("30 2 * * *", "0 6 * * *");
        assert_eq!(night.in_force(at("2026-10-25T00:29:59Z")), None);
        for text in
            ["2026-10-25T00:30:00Z", "2026-10-25T01:15:00Z", "2026-10-25T01:30:00Z", "2026-10-25T04:59:59Z"]
        {
            assert_eq!(night.in_force(at(text)), Some(at("2026-10-25T05:00:00Z")), "{text}");
        }
        assert_eq!(night.in_force(at("2026-10-25T05:00:00Z")), None);
    }

    #[test]
    fn absolute_windows_are_half_open_and_the_longest_answers() {
        let absolute = |from: &str, until: &str| FreezeWindow {
            span: FreezeSpan::Absolute { from: at(from), until: at(until) },
            zone: "UTC".into(),
            reason: until.into(),
        };
        let windows = [
            absolute("2026-12-20T00:00:00Z", "2026-12-24T00:00:00Z"),
            absolute("2026-12-22T00:00:00Z", "2027-01-02T00:00:00Z"),
        ];
        assert_eq!(windows[0].in_force(at("2026-12-19T23:59:59.999Z")), None);
        assert_eq!(windows[0].in_force(at("2026-12-20T00:00:00Z")), Some(at("2026-12-24T00:00:00Z")));
        assert_eq!(windows[0].in_force(at("2026-12-24T00:00:00Z")), None);
        let (window, until) = first_in_force(&windows, at("2026-12-23T00:00:00Z")).unwrap();
        assert_eq!((window, until), (&windows[1], at("2027-01-02T00:00:00Z")));
        assert!(first_in_force(&windows, at("2027-06-01T00:00:00Z")).is_none());
    }

    #[test]
    fn instants_are_read_in_the_zone_of_the_window() {
        assert_eq!(instant("2026-07-01 18:00", "Europe/Berlin"), Some(at("2026-07-01T16:00:00Z")));
        assert_eq!(instant("2026-12-01", "Europe/Berlin"), Some(at("2026-11-30T23:00:00Z")));
        assert_eq!(instant("2026-12-01T00:00:00+05:00", "Europe/Berlin"), Some(at("2026-11-30T19:00:00Z")));
        assert_eq!(instant("next week", "Europe/Berlin"), None);
        assert!(cron("0 16 * * FRI").is_some());
        for bad in ["@daily", "0 16 * *", "0 0 16 * * FRI", "61 * * * *", "", "a b c d e"] {
            assert!(cron(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_window_that_ends_when_it_begins_is_none() {
        let nothing = window("0 8 * * MON", "0 8 * * *");
        assert_eq!(nothing.in_force(at("2026-11-23T07:00:00Z")), None);
        assert_eq!(nothing.in_force(at("2026-11-23T07:30:00Z")), None);
    }

    #[test]
    fn extreme_instants_have_an_answer() {
        let weekend = window("0 16 * * FRI", "0 8 * * MON");
        for ms in [i64::MIN, -1, 0, i64::MAX] {
            let _ = weekend.in_force(Timestamp::from_ms(ms));
            let _ = weekend.next_start(Timestamp::from_ms(ms));
        }
    }
}
