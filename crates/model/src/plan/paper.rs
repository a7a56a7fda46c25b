//! `ticket:` and `hotfix:` of a plan, and `accepted_risk:` of a change.

use crate::{
    blueprint::AcceptedRisk,
    diagnostic::Code,
    source::Spanned,
    yaml::{Fields, Found, Node, Reading},
};

/// A ticket is printed into tables and records, so it is one plain word.
pub(super) fn read_ticket(node: &Node, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let text = node.text(found)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/#:".contains(c);
    if text.chars().count() <= 128 && text.chars().all(plain) {
        return Some(text);
    }
    found
        .error(Code::INVALID_NAME, node.place, "this is not the name of a ticket")
        .expected("1 to 128 of letters, digits, `.`, `_`, `-`, `/`, `#` and `:`: `ticket: CHG-1234`");
    None
}

/// Why a release cannot wait; it is printed beside the freeze that it does not wait for.
pub(super) fn read_hotfix(node: &Node, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let text = node.text(found)?;
    if text.chars().count() <= 200 && !text.trim().is_empty() && !text.chars().any(char::is_control) {
        return Some(text);
    }
    found
        .error(Code::INVALID_NAME, node.place, "this is not the reason of a hotfix")
        .expected("1 to 200 characters on one line: `hotfix: answers are lost for one in ten students`");
    None
}

/// Who accepts that there is no way back, and why.
pub(super) fn read_accepted_risk(node: &Node, found: &mut Found<'_>) -> Option<Spanned<AcceptedRisk>> {
    let mut fields = Fields::open(node, "the accepted risk", node.place, found)?;
    let by = fields.required("by", "a person: `by: lea`", found).and_then(|node| node.name(found));
    let reason = fields.required("reason", "why: `reason: the old numbers are worthless`", found);
    let reason = reason.and_then(|node| node.text(found));
    fields.finish(found);
    let risk = AcceptedRisk { by: by?.value, reason: reason?.value };
    Some(Spanned::new(risk, node.place))
}
