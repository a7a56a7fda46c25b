//! Until when something is accepted, as people ask for it.

use serde::{Deserialize, Serialize};

use crate::{Duration, Timestamp, calendar};

/// Until when something is accepted: for a while, or until an instant. Written as `4h`, `2026-11-22T18:00Z`, or
/// `2026-11-22`, which is the beginning of that day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Expiry {
    /// For this long from now.
    After(Duration),
    /// Until this instant.
    At(Timestamp),
}

/// Why a text is no expiry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no expiry: expected a duration such as 4h, or an instant such as 2026-11-22T18:00Z")]
pub struct InvalidExpiry(pub String);

/// Why an expiry is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryRefusal {
    /// It lies behind.
    #[error("it would have expired at {at}, and it is {now} by the server's clock: name a time to come")]
    Past {
        /// The instant asked for.
        at: Timestamp,
        /// The server's instant.
        now: Timestamp,
    },
    /// It lies too far ahead.
    #[error("it would expire at {at}, and nothing of this kind is accepted for longer than {}: until {}",
        .longest.human(), .now.plus(*.longest))]
    TooFar {
        /// The instant asked for.
        at: Timestamp,
        /// The server's instant.
        now: Timestamp,
        /// How long it may last.
        longest: Duration,
    },
}

impl Expiry {
    /// The instant, by the clock of whoever records it; at most `longest` away.
    pub fn resolve(self, now: Timestamp, longest: Duration) -> Result<Timestamp, ExpiryRefusal> {
        let at = match self {
            Self::After(duration) => now.plus(duration),
            Self::At(at) => at,
        };
        if at <= now {
            return Err(ExpiryRefusal::Past { at, now });
        }
        if at.since(now) > longest {
            return Err(ExpiryRefusal::TooFar { at, now, longest });
        }
        Ok(at)
    }
}

impl std::str::FromStr for Expiry {
    type Err = InvalidExpiry;

    fn from_str(text: &str) -> Result<Self, InvalidExpiry> {
        if let Ok(duration) = text.parse() {
            return Ok(Self::After(duration));
        }
        calendar::instant(text, "UTC").map(Self::At).ok_or_else(|| InvalidExpiry(text.to_owned()))
    }
}

impl TryFrom<String> for Expiry {
    type Error = InvalidExpiry;
    fn try_from(text: String) -> Result<Self, InvalidExpiry> {
        text.parse()
    }
}

impl From<Expiry> for String {
    fn from(expiry: Expiry) -> String {
        match expiry {
            Expiry::After(duration) => duration.to_string(),
            Expiry::At(at) => at.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_and_an_instant_are_read_and_what_is_neither_is_not() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let now = at("2026-11-21T10:00:00Z");
        let day = Duration::from_mins(24 * 60);
        let resolve = |text: &str| text.parse::<Expiry>().unwrap().resolve(now, day);
        assert_eq!(resolve("4h"), Ok(at("2026-11-21T14:00:00Z")));
        assert_eq!(resolve("2026-11-21T18:00:00+01:00"), Ok(at("2026-11-21T17:00:00Z")));
        assert_eq!(resolve("2026-11-22"), Ok(at("2026-11-22T00:00:00Z")));
        assert_eq!(resolve("24h"), Ok(now.plus(day)));
        for (text, far) in
            [("0s", false), ("2026-11-21T10:00:00Z", false), ("25h", true), ("2027-01-01", true)]
        {
            let refused = resolve(text).unwrap_err();
            assert_eq!(matches!(refused, ExpiryRefusal::TooFar { .. }), far, "{text}: {refused}");
        }
        for bad in ["", "tomorrow", "4 hours", "2026-13-01"] {
            assert!(bad.parse::<Expiry>().is_err(), "{bad}");
        }
        let written = serde_json::to_string(&Expiry::After(Duration::from_mins(240))).unwrap();
        assert_eq!(written, "\"4h\"");
        assert_eq!(serde_json::from_str::<Expiry>(&written).unwrap(), "4h".parse().unwrap());
    }
}
