//! One POST of JSON to a channel, and every way it can fail.

use std::time::Duration;

use serde::Serialize;

use super::secret::SecretUrl;
use crate::port::AdapterError;

/// Bytes of an answer that are looked at.
const ANSWER_MAX: usize = 4 * 1024;

/// A channel's address, with the client that reaches it.
pub(super) struct Channel {
    url: SecretUrl,
    client: reqwest::Client,
}

/// What a channel answered.
pub(super) struct Answer {
    pub(super) status: u16,
    /// The beginning of the body.
    pub(super) body: String,
}

impl Channel {
    /// Resolves the reference; nothing is sent yet.
    pub(super) fn open(reference: &str, timeout: Duration) -> Result<Self, AdapterError> {
        let url = SecretUrl::resolve(reference)?;
        let client = crate::http::client(url.shown(), timeout, false)?;
        Ok(Self { url, client })
    }

    /// Posts JSON. `id` names the message, so that a receiver can drop what it has seen.
    pub(super) async fn post(&self, message: &impl Serialize, id: &str) -> Result<Answer, AdapterError> {
        let request = self.client.post(self.url.reveal()).header("idempotency-key", id).json(message);
        let mut response = request.send().await.map_err(|error| self.unreached(error))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while body.len() < ANSWER_MAX {
            match response.chunk().await.map_err(|error| self.unreached(error))? {
                Some(chunk) => body.extend_from_slice(&chunk),
                None => break,
            }
        }
        body.truncate(ANSWER_MAX);
        Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// The failure an answer means. Overload, a server's fault and a lost race may pass; a refusal will not.
    pub(super) fn refused(&self, answer: &Answer) -> AdapterError {
        let excerpt = self.excerpt(&answer.body);
        let text = format!("{} answered {}{excerpt}", self.url.shown(), answer.status);
        match answer.status {
            408 | 425 | 429 | 500.. => AdapterError::Transient(text),
            _ => AdapterError::Permanent(text),
        }
    }

    /// The first line of an answer, unless it repeats the secret.
    fn excerpt(&self, body: &str) -> String {
        let line: String =
            body.lines().next().unwrap_or("").chars().filter(|c| !c.is_control()).take(120).collect();
        let url = self.url.reveal();
        let secrets = [url.as_str(), url.path(), url.query().unwrap_or(""), url.password().unwrap_or("")];
        let segments = url.path_segments().into_iter().flatten();
        let mut parts = secrets.into_iter().chain(segments).filter(|part| part.len() > 3);
        if line.is_empty() || parts.any(|part| line.contains(part)) {
            String::new()
        } else {
            format!(": {line}")
        }
    }

    fn unreached(&self, error: reqwest::Error) -> AdapterError {
        let problem = if error.is_timeout() {
            "did not answer in time".to_owned()
        } else if error.is_connect() {
            "cannot be reached".to_owned()
        } else {
            format!("broke the connection ({})", crate::http::chain(&error.without_url()))
        };
        AdapterError::Transient(format!("{} {problem}", self.url.shown()))
    }
}
