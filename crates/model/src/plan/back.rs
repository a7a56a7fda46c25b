//! `back:` of a change.

use super::{Back, Threshold};
use crate::{
    Level, SignalName,
    diagnostic::Code,
    service::read_rules,
    source::Spanned,
    yaml::{self, Fields, Found, Kind, Node, Reading, one_or_many},
};

/// How a change goes back, from its node.
pub(super) fn read(node: &Node, found: &mut Found<'_>) -> Option<Back> {
    let mut fields = Fields::open(node, "the way back", node.place, found)?;
    let levels = Level::ALL.map(|level| (level.word(), level));
    let level = fields.optional("level").and_then(|node| node.word(&levels, found));
    let flag = fields.optional("flag").and_then(|node| read_flag(node, found));
    let budget = fields.optional("budget").and_then(|node| node.duration(found));
    let owner = fields.optional("owner").and_then(|node| node.name(found));
    let trigger_by = one_or_many(fields.optional("trigger_by"));
    let trigger_by = trigger_by.iter().filter_map(|node| node.text(found)).collect();
    let signals =
        one_or_many(fields.optional("signals")).iter().filter_map(|node| node.name(found)).collect();
    let thresholds =
        fields.optional("thresholds").map(|node| read_thresholds(node, found)).unwrap_or_default();
    fields.finish(found);
    Some(Back { place: node.place, level, flag, budget, owner, trigger_by, signals, thresholds })
}

/// A flag's key stands in command lines, so it is plain.
fn read_flag(node: &Node, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let text = node.text(found)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte);
    if text.len() <= 128 && text.bytes().all(plain) && text.as_bytes()[0].is_ascii_alphanumeric() {
        return Some(text);
    }
    let expected = "1 to 128 of letters, digits, `.`, `_`, `-`, `/` and `:`, starting with a letter or digit";
    found.error(Code::INVALID_NAME, node.place, "this is not the key of a flag").expected(expected);
    None
}

fn read_thresholds(node: &Node, found: &mut Found<'_>) -> Vec<Threshold> {
    let Kind::Map(entries) = &node.kind else {
        let message = format!("`thresholds` is {}", node.describe());
        let expected = "a map from signal to rules: `submit-errors: above 3% for 2m`";
        found.error(Code::WRONG_KIND, node.place, message).expected(expected);
        return Vec::new();
    };
    let mut thresholds = Vec::new();
    for (key, value) in entries {
        let name = yaml::key_name::<SignalName>(key, found);
        let rules = read_rules(Some(value), found);
        thresholds.extend(name.map(|name| Threshold { signal: Spanned::new(name, key.place), rules }));
    }
    thresholds
}
