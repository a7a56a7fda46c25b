//! Numbers and instants as reports write them, and who tells facts in words.

use ripcord_engine::Event;
use ripcord_model::{Duration, Share, Timestamp, paper::Paper};

/// Who tells a fact in one sentence without its subject: the same words that a terminal shows.
#[derive(Clone, Copy)]
pub struct Words<'w> {
    /// Of facts of the state machine.
    pub event: &'w dyn Fn(&Event) -> String,
    /// Of papers.
    pub paper: &'w dyn Fn(&Paper) -> String,
}

impl std::fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words")
    }
}

/// `2026-09-21 14:13:20 UTC`.
pub(crate) fn instant(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `10 %`.
pub(crate) fn share(share: Share) -> String {
    share.to_string().replace('%', " %")
}

/// `0.1 %` for 0.001, with up to three digits after the point.
pub(crate) fn percent(fraction: f64) -> String {
    let text = format!("{:.3}", fraction * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `a, b and c`.
pub(crate) fn list<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.pop() {
        None => String::new(),
        Some(last) if items.is_empty() => last,
        Some(last) => format!("{} and {last}", items.join(", ")),
    }
}

/// One line, whatever was recorded: control characters become spaces.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// `+48 s`, as the clock of an incident has it.
pub(crate) fn after(length: Duration) -> String {
    if length == Duration::ZERO { "+0 s".to_owned() } else { format!("+{}", length.human()) }
}

/// With a capital letter, as a sentence begins.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// A word that a shell takes as one word and as nothing else.
pub(crate) fn word(text: &str) -> String {
    let text = one_line(text);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
