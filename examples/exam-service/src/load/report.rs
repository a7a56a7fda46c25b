//! What the users saw, as numbers. All instants are microseconds since 1970, UTC, from one steady clock.

use std::collections::BTreeMap;

use serde::Serialize;

/// What the users saw between two instants.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Report {
    /// When counting began.
    pub from_us: u64,
    /// When it was looked at.
    pub to_us: u64,
    /// Requests that were answered, well or badly.
    pub responses: u64,
    /// Answers whose status was not 2xx.
    pub bad: u64,
    /// Requests without an answer: refused, torn, timed out.
    pub failed: u64,
    /// Why the most recent failed request failed.
    pub last_failure: Option<String>,
    /// The first bad answer or failed request.
    pub first_bad_at_us: Option<u64>,
    /// The last bad answer or failed request: users have recovered since.
    pub last_bad_at_us: Option<u64>,
    /// Per version, by the answers' `x-exam-version`; `?` for answers without one.
    pub versions: BTreeMap<String, VersionReport>,
    /// From the instant a request was due to its answer.
    pub latency: LatencyReport,
}

/// What the users saw of one version.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct VersionReport {
    /// Its answers.
    pub responses: u64,
    /// Those whose status was not 2xx.
    pub bad: u64,
    /// Its first answer.
    pub first_answer_at_us: Option<u64>,
    /// Its last answer.
    pub last_answer_at_us: Option<u64>,
    /// Its first bad answer.
    pub first_bad_at_us: Option<u64>,
    /// Its last bad answer.
    pub last_bad_at_us: Option<u64>,
    /// From the instant a request was due to its answer.
    pub latency: LatencyReport,
}

/// Quantiles of latency in microseconds, to about 3 %; the maximum is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LatencyReport {
    /// The mean.
    pub mean_us: u64,
    /// Half of the answers were faster.
    pub p50_us: u64,
    /// Nine of ten.
    pub p90_us: u64,
    /// 99 of 100.
    pub p99_us: u64,
    /// 999 of 1,000.
    pub p999_us: u64,
    /// The slowest.
    pub max_us: u64,
}

impl Report {
    /// When `version` answered last; `None` when it never did.
    pub fn last_answer_from(&self, version: &str) -> Option<u64> {
        self.versions.get(version)?.last_answer_at_us
    }

    /// When `version` answered first; `None` when it never did.
    pub fn first_answer_from(&self, version: &str) -> Option<u64> {
        self.versions.get(version)?.first_answer_at_us
    }

    /// Bad answers and failed requests together: what users suffered from.
    pub fn bad_or_failed(&self) -> u64 {
        self.bad + self.failed
    }
}
