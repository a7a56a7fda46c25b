//! A Slack incoming webhook (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>), with
//! Block Kit (<https://docs.slack.dev/reference/block-kit/blocks>).
//!
//! Limits kept: a header has at most 150 characters of plain text, a section at most 3,000, a message at most 50
//! blocks. `&`, `<` and `>` are escaped in text that Slack interprets, so a notice can neither ping people nor
//! disguise a link. Only status 200 with the body `ok` counts as delivered.

use async_trait::async_trait;
use ripcord_engine::{Notice, NoticeKind};
use serde_json::{Value, json};

use super::{delivery::Channel, webhook::stable_id};
use crate::port::{AdapterError, Notifier};

const HEADER_MAX: usize = 150;
const SECTION_MAX: usize = 3_000;
const BLOCKS_MAX: usize = 50;

/// Errors Slack gives under a 4xx status though trying again can help.
const PASSING_ERRORS: [&str; 3] = ["rate_limited", "ratelimited", "rollup_error"];

/// A Slack channel.
pub(super) struct Slack {
    channel: Channel,
}

impl Slack {
    /// Sends to `channel`.
    pub(super) fn new(channel: Channel) -> Self {
        Self { channel }
    }
}

#[async_trait]
impl Notifier for Slack {
    async fn send(&self, notice: &Notice) -> Result<(), AdapterError> {
        let answer = self.channel.post(&message(notice), &stable_id(notice)).await?;
        let body = answer.body.trim();
        if answer.status == 200 && body == "ok" {
            return Ok(());
        }
        match self.channel.refused(&answer) {
            AdapterError::Permanent(text) if PASSING_ERRORS.contains(&body) => {
                Err(AdapterError::Transient(text))
            }
            other => Err(other),
        }
    }
}

/// The message, within Slack's limits.
fn message(notice: &Notice) -> Value {
    let title = format!("{} {}: {}", sign(notice.kind), notice.release, headline(notice.kind));
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": cut(&title, HEADER_MAX), "emoji": true },
    })];
    let sections = sections(&notice.text);
    let left_out = sections.len() > BLOCKS_MAX - 1;
    blocks.extend(sections.into_iter().take(BLOCKS_MAX - 2).map(|text| section(&text)));
    if left_out {
        blocks.push(section("… (the rest is left out)"));
    }
    // What notifications and screen readers show.
    let fallback = cut(&escape(&format!("{title}. {}", notice.text)), SECTION_MAX);
    json!({ "text": fallback, "blocks": blocks })
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

/// The text escaped, in pieces that fit a section; no piece ends inside of an escape.
fn sections(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut length = 0;
    for character in text.chars() {
        let escaped = escape_one(character);
        let added = escaped.map_or(1, str::len);
        if length + added > SECTION_MAX {
            pieces.push(std::mem::take(&mut piece));
            length = 0;
        }
        match escaped {
            Some(escaped) => piece.push_str(escaped),
            None => piece.push(character),
        }
        length += added;
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

fn escape_one(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        _ => None,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit - 1).chain(['…']).collect()
}

fn sign(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Progress => ":arrow_up:",
        NoticeKind::Attention => ":eyes:",
        NoticeKind::RollingBack => ":rewind:",
        NoticeKind::RolledBack => ":leftwards_arrow_with_hook:",
        NoticeKind::Stuck => ":rotating_light:",
        NoticeKind::Complete => ":white_check_mark:",
    }
}

fn headline(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Progress => "moved forward",
        NoticeKind::Attention => "holds, please look",
        NoticeKind::RollingBack => "is going back",
        NoticeKind::RolledBack => "is back on last good",
        NoticeKind::Stuck => "is stuck, a person is needed now",
        NoticeKind::Complete => "is complete",
    }
}

#[cfg(test)]
mod tests {
    use ripcord_model::ReleaseName;

    use super::*;

    fn notice(text: &str) -> Notice {
        let release = ReleaseName::new("exam-submit-v2").unwrap();
        Notice { release, kind: NoticeKind::RollingBack, text: text.to_owned() }
    }

    fn text_of(block: &Value) -> &str {
        block["text"]["text"].as_str().unwrap()
    }

    #[test]
    fn a_notice_becomes_a_header_and_a_section() {
        let message = message(&notice("submit-errors is 7.1 %, limit 5 %: going back to v1"));
        let blocks = message["blocks"].as_array().unwrap();
        assert_eq!(text_of(&blocks[0]), ":rewind: exam-submit-v2: is going back");
        assert_eq!(text_of(&blocks[1]), "submit-errors is 7.1 %, limit 5 %: going back to v1");
        assert_eq!(blocks.len(), 2);
    }

    #[test]
    fn text_cannot_ping_or_link() {
        let message = message(&notice("<!channel> <https://evil|Approve> & more"));
        let text = text_of(&message["blocks"][1]).to_owned();
        assert_eq!(text, "&lt;!channel&gt; &lt;https://evil|Approve&gt; &amp; more");
        assert!(!message["text"].as_str().unwrap().contains('<'));
    }

    #[test]
    fn every_limit_of_block_kit_is_kept() {
        let lengths = [0, 1, 2_999, 3_000, 3_001, 150_000, 200_000];
        for text in lengths.map(|length| "<é".repeat(length / 2)) {
            let message = message(&notice(&text));
            let blocks = message["blocks"].as_array().unwrap();
            assert!(blocks.len() <= BLOCKS_MAX, "{}", blocks.len());
            assert!(text_of(&blocks[0]).chars().count() <= HEADER_MAX);
            for block in &blocks[1..] {
                let text = text_of(block);
                assert!((1..=SECTION_MAX).contains(&text.chars().count()));
                assert!(
                    !text.trim_end_matches("&lt;").contains("&lt") || !text.ends_with("&lt"),
                    "cut escape"
                );
            }
            assert!(message["text"].as_str().unwrap().chars().count() <= SECTION_MAX);
        }
        let long = Notice { release: ReleaseName::new("a".repeat(63)).unwrap(), ..notice("x") };
        assert!(text_of(&message(&long)["blocks"][0]).chars().count() <= HEADER_MAX);
    }
}
