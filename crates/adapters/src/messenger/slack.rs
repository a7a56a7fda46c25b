//! A Slack incoming webhook (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>), with
//! Block Kit (<https://docs.slack.dev/reference/block-kit/blocks>).
//!
//! Limits kept: a header has at most 150 characters of plain text, a section at most 3,000 of text as Slack reads it. `&`,
//! `<` and `>` are escaped, so a message can neither ping people nor disguise a link. Delivered is status 200 with the
//! body `ok`, or JSON with `ok: true`; anything else under 200 is a failure.

use async_trait::async_trait;
use reqwest::Method;
use ripcord_comms::{Letter, cut};
use ripcord_model::comms::MessageStatus;
use serde_json::{Value, json};

use super::{CUT, Delivered, Messenger, Undelivered, call::Caller};

const HEADER_MAX: usize = 150;
const SECTION_MAX: usize = 3_000;

/// What Slack says when trying again can help.
const PASSING: [&str; 4] = ["rate_limited", "ratelimited", "rollup_error", "internal_error"];

/// A Slack channel.
pub(super) struct Slack {
    caller: Caller,
}

impl Slack {
    /// Of a webhook's URL.
    pub(super) fn open(url: &str) -> Result<Self, Undelivered> {
        Ok(Self { caller: Caller::open(url, &[])? })
    }
}

#[async_trait]
impl Messenger for Slack {
    async fn deliver(&self, letter: &Letter) -> Result<Delivered, Undelivered> {
        let (message, cut) = message(letter);
        let request = self.caller.request(Method::POST, None);
        let answer = self.caller.ask(request.header("idempotency-key", &letter.id).json(&message)).await?;
        let body = answer.body.trim();
        if answer.is_success() {
            let taken = body == "ok" || answer.json()["ok"] == Value::Bool(true);
            let passing = PASSING.iter().any(|error| body.contains(error));
            return if taken { Ok(Delivered { cut }) } else { Err(self.caller.says_no(&answer, passing)) };
        }
        let refused = self.caller.refused(&answer);
        if PASSING.contains(&body) { Err(Undelivered::for_now(refused.reason)) } else { Err(refused) }
    }
}

fn message(letter: &Letter) -> (Value, bool) {
    let sign = match letter.status {
        MessageStatus::Investigating | MessageStatus::Identified => ":rewind:",
        MessageStatus::Monitoring | MessageStatus::Update => ":eyes:",
        MessageStatus::Resolved => ":white_check_mark:",
    };
    let (title, _) = cut(&format!("{sign} {}", letter.title), HEADER_MAX, "…");
    let (text, was_cut) = fit(&letter.text, SECTION_MAX);
    let blocks = json!([
        { "type": "header", "text": { "type": "plain_text", "text": title, "emoji": true } },
        { "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } },
    ]);
    (json!({ "text": escape(&title), "blocks": blocks }), was_cut)
}

/// Escaped and within the limit: what is cut is the text, so no piece ends inside of an escape.
fn fit(text: &str, limit: usize) -> (String, bool) {
    let mut room = limit;
    loop {
        let (kept, was_cut) = cut(text, room, CUT);
        let escaped = escape(&kept);
        let length = escaped.chars().count();
        if length <= limit {
            return (escaped, was_cut);
        }
        room = room.saturating_sub((length - limit).max(1));
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_block_kit_are_kept_whatever_the_text_and_it_says_that_it_was_cut() {
        for length in [0, 1, 2_999, 3_000, 3_001, 60_000] {
            for text in ["x".repeat(length), "<é & wort ".repeat(length / 9)] {
                let (fitted, was_cut) = fit(&text, SECTION_MAX);
                assert!(fitted.chars().count() <= SECTION_MAX, "{length}");
                assert!(!fitted.contains('<'));
                assert_eq!(was_cut, fitted.ends_with("(cut: this channel takes no more)"), "{length}");
                assert_eq!(was_cut, escape(&text).chars().count() > SECTION_MAX, "{length}");
            }
        }
    }
}
