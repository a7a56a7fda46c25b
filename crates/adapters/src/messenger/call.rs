//! One HTTP call to a channel, and every way it can fail.

use std::time::Duration;

use reqwest::{Method, Url, header};
use serde_json::Value;

use super::{Again, TIMEOUT, Undelivered, secret::Secret};

/// Bytes of an answer that are read.
const ANSWER_MAX: usize = 64 * 1024;
/// Nobody waits longer than this because a channel asks for it.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(600);

/// A channel's address, with the client that reaches it and what must never be repeated.
pub(super) struct Caller {
    base: Url,
    client: reqwest::Client,
    secrets: Vec<String>,
    shown: String,
}

/// What a channel answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    retry_after: Option<Duration>,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; nothing when it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

impl Caller {
    /// For the URL of a reference, or the reference itself.
    pub(super) fn open(reference: &str, keys: &[&Secret]) -> Result<Self, Undelivered> {
        let text = Secret::resolve_or_take(reference)?;
        let base = Url::parse(text.reveal().trim())
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
        // The text is not repeated: it may be a secret with a typing error in it.
        let base = base.ok_or_else(|| {
            let place = reference.strip_prefix("env:").map_or_else(
                || "of the channel".to_owned(),
                |name| format!("in the environment variable {name}"),
            );
            Undelivered::for_ever(format!("the URL {place} is not usable: expected https://… or http://…"))
        })?;
        let shown = format!("{}://{}/…", base.scheme(), base.host_str().unwrap_or_default());
        let client = crate::http::client(base.as_str(), TIMEOUT, false)
            .map_err(|_| Undelivered::for_ever(format!("no HTTP client for {shown}")))?;
        let mut secrets: Vec<String> = keys.iter().map(|key| key.reveal().to_owned()).collect();
        if reference.starts_with("env:") {
            secrets.push(base.path().to_owned());
            secrets.extend(base.path_segments().into_iter().flatten().map(str::to_owned));
            secrets.extend(base.query().map(str::to_owned));
        }
        secrets.extend(base.password().map(str::to_owned));
        secrets.retain(|secret| secret.len() > 3);
        Ok(Self { base, client, secrets, shown })
    }

    /// The channel's URL, or one below it.
    pub(super) fn request(&self, method: Method, below: Option<&str>) -> reqwest::RequestBuilder {
        let mut url = self.base.clone();
        if let Some(below) = below {
            let path = format!("{}{below}", url.path().trim_end_matches('/'));
            url.set_path(&path);
        }
        self.client.request(method, url)
    }

    /// Asks, and reads the beginning of the answer.
    pub(super) async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Answer, Undelivered> {
        let mut response = request.send().await.map_err(|error| self.unreached(error))?;
        let status = response.status().as_u16();
        let after = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = after
            .and_then(|text| text.trim().parse().ok())
            .map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER_MAX));
        let mut body = Vec::new();
        while body.len() < ANSWER_MAX {
            match response.chunk().await.map_err(|error| self.unreached(error))? {
                Some(chunk) => body.extend_from_slice(&chunk),
                None => break,
            }
        }
        body.truncate(ANSWER_MAX);
        Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned(), retry_after })
    }

    /// What an answer that is no success means. Overload, a server's fault and a lost race may pass; a refusal will not.
    pub(super) fn refused(&self, answer: &Answer) -> Undelivered {
        let reason = format!("{} answered {}{}", self.shown, answer.status, self.excerpt(&answer.body));
        let again = match answer.status {
            408 | 409 | 425 | 429 | 500.. => answer.retry_after.map_or(Again::Later, Again::After),
            _ => Again::Never,
        };
        Undelivered { reason, again }
    }

    /// A success in its status that is none in its body.
    pub(super) fn says_no(&self, answer: &Answer, again: bool) -> Undelivered {
        let excerpt = self.excerpt(&answer.body);
        let excerpt =
            if excerpt.is_empty() { ": nothing that says it was taken".to_owned() } else { excerpt };
        let reason = format!("{} answered {} and has not taken it{excerpt}", self.shown, answer.status);
        if again { Undelivered::for_now(reason) } else { Undelivered::for_ever(reason) }
    }

    /// The first line of an answer, unless it repeats a secret.
    fn excerpt(&self, body: &str) -> String {
        let line: String =
            body.lines().next().unwrap_or("").chars().filter(|c| !c.is_control()).take(120).collect();
        if line.is_empty() || self.secrets.iter().any(|secret| body.contains(secret.as_str())) {
            String::new()
        } else {
            format!(": {line}")
        }
    }

    fn unreached(&self, error: reqwest::Error) -> Undelivered {
        let problem = if error.is_timeout() {
            "did not answer in time".to_owned()
        } else if error.is_connect() {
            "cannot be reached".to_owned()
        } else {
            let chain = crate::http::chain(&error.without_url());
            let repeats = self.secrets.iter().any(|secret| chain.contains(secret.as_str()));
            format!("broke the connection{}", if repeats { String::new() } else { format!(" ({chain})") })
        };
        Undelivered::for_now(format!("{} {problem}", self.shown))
    }
}
