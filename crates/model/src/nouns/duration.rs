//! Durations as people write them: `500ms`, `30m`, `1h30m`, `14d`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A length of time in whole milliseconds, measured on a monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Duration(u64);

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a duration: expected whole numbers with ms, s, m, h or d, like 30m or 1h30m, at most 3650d"
)]
pub struct InvalidDuration(pub String);

const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
const MAX_MS: u64 = 3_650 * 86_400_000;

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From milliseconds.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// From seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * 1_000)
    }

    /// From minutes.
    pub const fn from_mins(minutes: u64) -> Self {
        Self(minutes * 60_000)
    }

    /// In milliseconds.
    pub const fn as_ms(self) -> u64 {
        self.0
    }

    /// In seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    /// For use with the standard library.
    pub const fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0)
    }

    /// For people: the two largest units, spaced: `1 h 30 min`, `2 min 3 s`, `4.2 s`, `35 ms`.
    pub fn human(self) -> String {
        let ms = self.0;
        if ms < 1_000 {
            return format!("{ms} ms");
        }
        if ms < 10_000 && !ms.is_multiple_of(1_000) {
            return format!("{}.{} s", ms / 1_000, ms % 1_000 / 100);
        }
        let names = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000)];
        let mut parts = Vec::new();
        let mut rest = ms;
        for (name, unit) in names {
            if rest >= unit && parts.len() < 2 {
                parts.push(format!("{} {name}", rest / unit));
                rest %= unit;
            } else if !parts.is_empty() {
                break;
            }
        }
        parts.join(" ")
    }
}

impl std::str::FromStr for Duration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, InvalidDuration> {
        let invalid = || InvalidDuration(text.to_owned());
        let mut rest = text.trim();
        let mut total_ms: u64 = 0;
        let mut last_unit_ms = u64::MAX;
        if rest.is_empty() {
            return Err(invalid());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(invalid)?;
            let number: u64 = rest[..digits].parse().map_err(|_| invalid())?;
            let tail = &rest[digits..];
            let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
            let unit = UNITS.iter().find(|(name, _)| *name == &tail[..letters]).ok_or_else(invalid)?.1;
            if unit >= last_unit_ms {
                return Err(invalid());
            }
            last_unit_ms = unit;
            total_ms =
                number.checked_mul(unit).and_then(|ms| total_ms.checked_add(ms)).ok_or_else(invalid)?;
            rest = tail[letters..].trim_start();
        }
        if total_ms > MAX_MS { Err(invalid()) } else { Ok(Self(total_ms)) }
    }
}

impl TryFrom<String> for Duration {
    type Error = InvalidDuration;
    fn try_from(text: String) -> Result<Self, InvalidDuration> {
        text.parse()
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> String {
        duration.to_string()
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.pad("0s");
        }
        let mut text = String::new();
        let mut rest = self.0;
        for (name, unit) in UNITS {
            if rest >= unit {
                text.push_str(&format!("{}{name}", rest / unit));
                rest %= unit;
            }
        }
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print() {
        for (text, ms) in
            [("30m", 1_800_000), ("1h30m", 5_400_000), ("500ms", 500), ("0s", 0), ("14d", 1_209_600_000)]
        {
            let duration: Duration = text.parse().unwrap();
            assert_eq!(duration.as_ms(), ms, "{text}");
            assert_eq!(duration.to_string(), text);
        }
        assert_eq!("1h 30m".parse::<Duration>().unwrap().as_ms(), 5_400_000);
        for bad in
            ["", "5", "m", "5 minutes", "-5m", "5m5m", "5m1h", "99999d", "18446744073709551615d", "1.5h"]
        {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
    }

    #[test]
    fn people_read_two_units() {
        assert_eq!(Duration::from_ms(100_000).human(), "1 min 40 s");
        assert_eq!(Duration::from_ms(4_200).human(), "4.2 s");
        assert_eq!(Duration::from_ms(35).human(), "35 ms");
        assert_eq!(Duration::from_mins(90).human(), "1 h 30 min");
        assert_eq!(Duration::from_ms(3_600_000 + 5_000).human(), "1 h");
    }
}
