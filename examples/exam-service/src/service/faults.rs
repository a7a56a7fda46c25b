//! What can be wrong with a version. Owns the names and limits of faults; knows no socket and no clock.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest delay that can be asked for.
const LATENCY_MS_MAX: u64 = 60_000;
/// The most that one request may leak.
const LEAK_BYTES_MAX: u64 = 1 << 20;

const NAMES: &str = "error-rate, error-after-requests, latency-ms, jitter-ms, crash-after-requests, crash-after-s, leak-bytes, hang-rate, not-ready";

/// What is wrong with a version; nothing by default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Faults {
    /// The share of submissions answered with 500, from 0 to 1.
    pub error_rate: f64,
    /// The errors begin only after so many requests: a fault that a quick look does not see.
    pub error_after_requests: u64,
    /// Time added to every answer, in milliseconds.
    pub latency_ms: u64,
    /// Up to so much more, drawn evenly, in milliseconds.
    pub jitter_ms: u64,
    /// The process dies at this request.
    pub crash_after_requests: Option<u64>,
    /// The process dies so many seconds after it began to listen.
    pub crash_after_s: Option<f64>,
    /// Memory that every request keeps, in bytes.
    pub leak_bytes: u64,
    /// The share of requests that are never answered, from 0 to 1.
    pub hang_rate: f64,
    /// `/healthz/ready` answers 503 for ever.
    pub not_ready: bool,
}

/// Why a fault was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no `=`.
    #[error("`{0}` is not a fault: write NAME=VALUE or VERSION:NAME=VALUE, for example v2:error-rate=0.05")]
    Shape(String),
    /// The name is not one of a fault.
    #[error("no fault is called `{name}`; there are {NAMES}")]
    Name {
        /// The name given.
        name: String,
    },
    /// The value does not fit.
    #[error("`{value}` does not fit {name}: expected {expected}")]
    Value {
        /// The fault.
        name: String,
        /// The value given.
        value: String,
        /// What would fit.
        expected: &'static str,
    },
}

impl Faults {
    /// The faults of `version` among `settings`; a later setting wins.
    pub fn of_version(version: &str, settings: &[FaultSetting]) -> Result<Self, FaultError> {
        let mut faults = Self::default();
        for setting in settings {
            // Settings of other versions are read as well, so that a mistake shows at once and not with the next one.
            let mut scratch = Self::default();
            let mine = setting.version.as_deref().is_none_or(|named| named == version);
            let target = if mine { &mut faults } else { &mut scratch };
            target.set(&setting.name, &setting.value)?;
        }
        Ok(faults)
    }

    /// Sets the fault called `name`.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), FaultError> {
        match name {
            "error-rate" => self.error_rate = parse(name, value, "a number from 0 to 1")?,
            "error-after-requests" => self.error_after_requests = parse(name, value, "a whole number")?,
            "latency-ms" => self.latency_ms = parse(name, value, "milliseconds")?,
            "jitter-ms" => self.jitter_ms = parse(name, value, "milliseconds")?,
            "crash-after-requests" => self.crash_after_requests = Some(parse(name, value, "a whole number")?),
            "crash-after-s" => self.crash_after_s = Some(parse(name, value, "seconds")?),
            "leak-bytes" => self.leak_bytes = parse(name, value, "bytes")?,
            "hang-rate" => self.hang_rate = parse(name, value, "a number from 0 to 1")?,
            "not-ready" => self.not_ready = parse(name, value, "true or false")?,
            unknown => return Err(FaultError::Name { name: unknown.to_owned() }),
        }
        self.check()
    }

    /// Refuses values that make no sense or would harm the machine.
    pub fn check(&self) -> Result<(), FaultError> {
        let refuse = |name: &str, value: String, expected| {
            Err(FaultError::Value { name: name.to_owned(), value, expected })
        };
        if !(0.0..=1.0).contains(&self.error_rate) {
            return refuse("error-rate", self.error_rate.to_string(), "a number from 0 to 1");
        }
        if !(0.0..=1.0).contains(&self.hang_rate) {
            return refuse("hang-rate", self.hang_rate.to_string(), "a number from 0 to 1");
        }
        if self.latency_ms > LATENCY_MS_MAX {
            return refuse("latency-ms", self.latency_ms.to_string(), "at most 60000");
        }
        if self.jitter_ms > LATENCY_MS_MAX {
            return refuse("jitter-ms", self.jitter_ms.to_string(), "at most 60000");
        }
        if self.leak_bytes > LEAK_BYTES_MAX {
            return refuse("leak-bytes", self.leak_bytes.to_string(), "at most 1048576 per request");
        }
        match self.crash_after_s {
            Some(seconds) if !(0.0..=1e6).contains(&seconds) => {
                refuse("crash-after-s", seconds.to_string(), "seconds from 0 to 1000000")
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn parse<T: FromStr>(name: &str, value: &str, expected: &'static str) -> Result<T, FaultError> {
    let refused = |_| FaultError::Value { name: name.to_owned(), value: value.to_owned(), expected };
    value.parse().map_err(refused)
}

/// One fault as written on a command line: `NAME=VALUE` for any version, `VERSION:NAME=VALUE` for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultSetting {
    /// The version it is for; every version when absent.
    pub version: Option<String>,
    /// Which fault.
    pub name: String,
    /// How much of it.
    pub value: String,
}

impl FaultSetting {
    /// Several settings separated by commas; empty parts are ignored.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, FaultError> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse).collect()
    }
}

impl FromStr for FaultSetting {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (left, value) = text.split_once('=').ok_or_else(|| FaultError::Shape(text.to_owned()))?;
        let (version, name) = match left.rsplit_once(':') {
            Some((version, name)) => (Some(version.to_owned()), name),
            None => (None, left),
        };
        Faults::default().set(name, value)?;
        Ok(Self { version, name: name.to_owned(), value: value.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_gets_its_own_faults_and_those_of_all() {
        let settings = FaultSetting::parse_list("latency-ms=2, v2:error-rate=0.2,v3:not-ready=true").unwrap();
        let v2 = Faults::of_version("v2", &settings).unwrap();
        assert_eq!(v2, Faults { latency_ms: 2, error_rate: 0.2, ..Faults::default() });
        let v1 = Faults::of_version("v1", &settings).unwrap();
        assert_eq!(v1, Faults { latency_ms: 2, ..Faults::default() });
    }

    #[test]
    fn nonsense_is_refused_with_what_was_expected() {
        for (text, expected) in [
            ("error-rate", "NAME=VALUE"),
            ("eror-rate=1", "error-rate, error-after-requests, latency-ms"),
            ("error-rate=5%", "0 to 1"),
            ("error-rate=1.5", "0 to 1"),
            ("hang-rate=NaN", "0 to 1"),
            ("latency-ms=-1", "milliseconds"),
            ("leak-bytes=99999999", "1048576"),
            ("v2:not-ready=maybe", "true or false"),
            ("crash-after-s=inf", "seconds"),
        ] {
            let message = text.parse::<FaultSetting>().unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
