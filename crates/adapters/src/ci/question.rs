//! One GET for JSON: bounded in time and size, no proxy, no redirect, every refusal told apart.

use std::time::{Duration, SystemTime};

use reqwest::{
    Response,
    header::{HeaderMap, RETRY_AFTER},
};
use serde_json::Value;

use super::CiTrouble;
use crate::http;

/// The largest answer that is read: a hundred reports with all their details are less.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A host that answers questions.
pub(super) struct Question {
    client: reqwest::Client,
    base: String,
    /// Scheme and host, for people.
    pub(super) host: String,
    timeout: Duration,
}

impl Question {
    pub(super) fn new(base: &str, timeout: Duration) -> Result<Self, CiTrouble> {
        let host = base.split('/').take(3).collect::<Vec<_>>().join("/");
        let client = http::client(base, timeout, true)
            .map_err(|error| CiTrouble::Unasked { what: host.clone(), why: error.to_string() })?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned(), host, timeout })
    }

    /// The answer to `path` of the base URL. `about` says in words what was asked for, should it not be there.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, String)],
        headers: HeaderMap,
        about: &str,
    ) -> Result<(Value, HeaderMap), CiTrouble> {
        let asked = self.client.get(format!("{}{path}", self.base)).query(query).headers(headers);
        let answer = asked.send().await.map_err(|error| self.no_answer(error))?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(self.refused(status, answer.headers(), about));
        }
        let headers = answer.headers().clone();
        let bytes = self.body(answer).await?;
        let value = serde_json::from_slice(&bytes)
            .map_err(|error| self.garbage(format!("it is not JSON: {error}")))?;
        Ok((value, headers))
    }

    async fn body(&self, mut answer: Response) -> Result<Vec<u8>, CiTrouble> {
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.no_answer(error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_BYTES_MAX {
                return Err(self.garbage(format!("it is larger than {ANSWER_BYTES_MAX} bytes")));
            }
        }
        Ok(bytes)
    }

    pub(super) fn garbage(&self, why: impl Into<String>) -> CiTrouble {
        CiTrouble::Garbage { host: self.host.clone(), why: why.into() }
    }

    fn no_answer(&self, error: reqwest::Error) -> CiTrouble {
        let what = self.host.clone();
        if error.is_timeout() {
            return CiTrouble::Silent { what, within: self.timeout };
        }
        CiTrouble::Unasked { what, why: http::chain(&error.without_url()) }
    }

    fn refused(&self, status: u16, headers: &HeaderMap, about: &str) -> CiTrouble {
        let host = self.host.clone();
        match status {
            403 | 429 if status == 429 || is_rate_limit(headers) => {
                CiTrouble::RateLimited { host, retry_after: retry_after(headers) }
            }
            401 | 403 => CiTrouble::Unauthorised { host, status },
            404 | 422 => CiTrouble::NotFound { host, what: about.to_owned(), status },
            _ => CiTrouble::Status { host, status },
        }
    }
}

/// GitHub, "Rate limits for the REST API", "Exceeding the rate limit": 403 or 429 with `x-ratelimit-remaining: 0`, or with
/// `retry-after` for a secondary limit.
fn is_rate_limit(headers: &HeaderMap) -> bool {
    headers.contains_key(RETRY_AFTER) || text(headers, "x-ratelimit-remaining") == Some("0")
}

/// `retry-after` in seconds (RFC 9110, section 10.2.3), or GitHub's `x-ratelimit-reset` in seconds since 1970 (GitLab:
/// `ratelimit-reset`).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    if let Some(seconds) = text(headers, RETRY_AFTER.as_str()) {
        return seconds.trim().parse().ok().map(Duration::from_secs);
    }
    let reset = text(headers, "x-ratelimit-reset").or_else(|| text(headers, "ratelimit-reset"))?;
    let reset = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(reset.trim().parse().ok()?))?;
    let after = reset.duration_since(SystemTime::now()).ok()?;
    Some(Duration::from_secs(after.as_secs() + 1))
}

pub(super) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
