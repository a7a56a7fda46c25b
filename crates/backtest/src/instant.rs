//! Instants as recorded files write them.

use jiff::{civil, tz::TimeZone};
use ripcord_model::Timestamp;

/// The forms that are understood, for messages.
pub const EXPECTED: &str = "an instant such as 2014-03-07T03:41:00Z, 2014-03-07 03:41:00 (UTC), or seconds or milliseconds since 1970";

/// Forms without a zone, taken as UTC.
const FORMS: [&str; 8] = [
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M",
    "%Y%m%dT%H%M%S",
    "%Y-%m-%d %H:%M:%S%.f UTC",
];

/// Below this a number is no instant but a running number: as seconds it would lie before 1973.
const NUMBERED_BELOW: f64 = 1e8;

/// What a cell in a column of instants says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Instant {
    /// A point in time.
    At(Timestamp),
    /// A running number; how long one step lasts is not said.
    Number(u64),
}

/// Reads an instant; `None` when it is none of the known forms.
///
/// Numbers are seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size; whole
/// numbers below 10^8 are running numbers.
pub fn parse(text: &str) -> Option<Instant> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return of_number(number);
    }
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(Instant::At(Timestamp::from_jiff(instant)));
    }
    let civil = FORMS.iter().find_map(|form| civil::DateTime::strptime(form, text).ok());
    let civil = civil.or_else(|| text.parse::<civil::Date>().ok().map(|date| date.at(0, 0, 0, 0)))?;
    let instant = TimeZone::UTC.to_timestamp(civil).ok()?;
    Some(Instant::At(Timestamp::from_jiff(instant)))
}

fn of_number(number: f64) -> Option<Instant> {
    if !number.is_finite() || number < 0.0 {
        return None;
    }
    if number < NUMBERED_BELOW {
        return (number.fract() == 0.0).then_some(Instant::Number(number as u64));
    }
    let ms = match number {
        seconds if seconds < 1e11 => seconds * 1e3,
        ms if ms < 1e14 => ms,
        us if us < 1e17 => us / 1e3,
        ns if ns < 1e20 => ns / 1e6,
        _ => return None,
    };
    Some(Instant::At(Timestamp::from_ms(ms.round() as i64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> String {
        match parse(text) {
            Some(Instant::At(instant)) => instant.to_string(),
            Some(Instant::Number(number)) => format!("number {number}"),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn every_usual_form_is_read_and_zones_are_kept() {
        for text in [
            "2014-03-07T03:41:00Z",
            "2014-03-07 03:41:00",
            "2014-03-07 03:41:00.000",
            "2014-03-07 03:41",
            "2014/03/07 03:41:00",
            "2014-03-07T04:41:00+01:00",
            "2014-03-07 04:41:00+01:00",
            "2014-03-07 03:41:00 UTC",
            "1394163660",
            "1394163660.0",
            "1394163660000",
            "1394163660000000",
            "1394163660000000000",
            " 1394163660 ",
        ] {
            assert_eq!(at(text), "2014-03-07T03:41:00.000Z", "{text}");
        }
        assert_eq!(at("2014-03-07"), "2014-03-07T00:00:00.000Z");
        assert_eq!(at("1394163660.25"), "2014-03-07T03:41:00.250Z");
    }

    #[test]
    fn small_whole_numbers_are_running_numbers() {
        assert_eq!(at("1"), "number 1");
        assert_eq!(at("1420"), "number 1420");
        assert_eq!(at("1.5"), "none");
    }

    #[test]
    fn what_is_no_instant_is_said_to_be_none() {
        // 03/07/2014 is March to some and July to others.
        for text in ["", "yesterday", "03/07/2014", "-5", "NaN", "inf", "1e30", "2014-13-07", "12:30"] {
            assert_eq!(at(text), "none", "{text}");
        }
    }
}
