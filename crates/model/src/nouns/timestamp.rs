//! Instants: always UTC, to the millisecond, handed in by whoever holds the clock.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::duration::Duration;

/// An instant in UTC, in whole milliseconds since 1970-01-01. Written as RFC 3339: `2026-11-21T14:02:10.125Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// Why a text is not an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an instant: expected RFC 3339 such as 2026-11-21T14:02:10Z")]
pub struct InvalidTimestamp(pub String);

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00Z.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since 1970-01-01T00:00Z.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after.
    pub const fn since(self, earlier: Self) -> Duration {
        let difference = self.0.saturating_sub(earlier.0);
        Duration::from_ms(if difference > 0 { difference as u64 } else { 0 })
    }

    /// The instant `duration` later.
    #[must_use]
    pub const fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_ms() as i64))
    }

    /// The instant `duration` earlier.
    #[must_use]
    pub const fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_ms() as i64))
    }

    /// As a [`jiff::Timestamp`], for calendars and zones.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }

    /// From a [`jiff::Timestamp`]; below a millisecond is cut.
    pub fn from_jiff(instant: jiff::Timestamp) -> Self {
        Self(instant.as_millisecond())
    }

    /// The day in UTC: `14 April`.
    pub fn day_and_month(self) -> String {
        self.to_jiff().strftime("%-d %B").to_string()
    }

    /// The time of day in UTC: `14:02:10`.
    pub fn time_of_day(self) -> String {
        self.to_jiff().strftime("%H:%M:%S").to_string()
    }
}

impl std::str::FromStr for Timestamp {
    type Err = InvalidTimestamp;
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        text.parse().map(Self::from_jiff).map_err(|_| InvalidTimestamp(text.to_owned()))
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;
    fn try_from(text: String) -> Result<Self, InvalidTimestamp> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(instant: Timestamp) -> String {
        instant.to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.3}", self.to_jiff()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_print_with_milliseconds_and_read_back() {
        let instant = Timestamp::from_ms(1_790_000_000_125);
        assert_eq!(instant.to_string(), "2026-09-21T14:13:20.125Z");
        assert_eq!(instant.to_string().parse::<Timestamp>().unwrap(), instant);
        assert_eq!(Timestamp::from_ms(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert!("yesterday".parse::<Timestamp>().is_err());
    }

    #[test]
    fn differences_never_go_negative() {
        let (early, late) = (Timestamp::from_ms(1_000), Timestamp::from_ms(3_500));
        assert_eq!(late.since(early).as_ms(), 2_500);
        assert_eq!(early.since(late), Duration::ZERO);
    }
}
