//! PagerDuty, Events API v2 (<https://developer.pagerduty.com/docs/send-alert-event>).
//!
//! The deduplication key is the incident's name, which follows from the release: however often a message is sent, it is
//! one incident there, and the all-clear resolves it. Delivered is status 202 with `status: success`.

use async_trait::async_trait;
use reqwest::Method;
use ripcord_comms::{Letter, cut};
use ripcord_model::comms::MessageStatus;
use serde_json::{Value, json};

use super::{CUT, Delivered, Messenger, Undelivered, call::Caller, secret::Secret};

/// Characters of a summary.
const SUMMARY_MAX: usize = 1_024;
/// Characters of a deduplication key.
const KEY_MAX: usize = 255;

/// A service of PagerDuty.
pub(super) struct Pagerduty {
    caller: Caller,
    key: Secret,
}

impl Pagerduty {
    /// Of a base URL and a routing key.
    pub(super) fn open(url: &str, key: &str) -> Result<Self, Undelivered> {
        let key = Secret::resolve(key)?;
        Ok(Self { caller: Caller::open(url, &[&key])?, key })
    }
}

#[async_trait]
impl Messenger for Pagerduty {
    async fn deliver(&self, letter: &Letter) -> Result<Delivered, Undelivered> {
        let (event, cut) = event(letter, self.key.reveal());
        let answer =
            self.caller.ask(self.caller.request(Method::POST, Some("/v2/enqueue")).json(&event)).await?;
        if !answer.is_success() {
            return Err(self.caller.refused(&answer));
        }
        if answer.json()["status"] != Value::String("success".to_owned()) {
            return Err(self.caller.says_no(&answer, true));
        }
        Ok(Delivered { cut })
    }
}

fn event(letter: &Letter, key: &str) -> (Value, bool) {
    let (dedup, _) = cut(&letter.incident, KEY_MAX, "");
    let mut event = json!({ "routing_key": key, "dedup_key": dedup.trim_end(), "client": "Ripcord" });
    if letter.status == MessageStatus::Resolved {
        event["event_action"] = json!("resolve");
        return (event, false);
    }
    let (summary, was_cut) = cut(&format!("{}. {}", letter.title, letter.text), SUMMARY_MAX, CUT);
    event["event_action"] = json!("trigger");
    event["payload"] = json!({
        "summary": summary,
        "source": letter.service,
        "severity": "error",
        "component": letter.service,
        "custom_details": { "release": letter.release, "status": letter.status, "message": letter.id },
    });
    (event, was_cut)
}
