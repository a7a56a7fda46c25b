//! The keys of `gate:` that ask something of people and paper: ticket, approvals, records, on_call, config_diff.

use std::collections::BTreeMap;

use crate::{
    ChangeClass,
    blueprint::RecordKind,
    diagnostic::Code,
    source::Place,
    yaml::{Fields, Found, Kind, Node, Reading, one_or_many},
};

/// No release needs more people than this.
const APPROVALS_MAX: u64 = 10;

/// What is asked of people and paper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaperworkEntry {
    /// Whether a change ticket must be named.
    pub ticket_required: bool,
    /// How many people must approve.
    pub approvals: ApprovalsEntry,
    /// Results that must be on record.
    pub records: Vec<RecordKind>,
    /// Whether the on-call person must have said that they are there.
    pub on_call_acknowledged: bool,
    /// Where it is asked that somebody looks at the differences between staging and production.
    pub config_diff_reviewed: Option<Place>,
}

/// How many people must approve.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApprovalsEntry {
    /// For every release.
    pub every: u32,
    /// With a change of this class; the largest number that fits counts.
    pub by_class: BTreeMap<ChangeClass, u32>,
}

/// What is asked of people and paper, from the fields of the gate.
pub(super) fn read(fields: &mut Fields<'_>, found: &mut Found<'_>) -> PaperworkEntry {
    let words = [("required", true), ("optional", false)];
    let ticket = fields.optional("ticket").and_then(|node| node.word(&words, found));
    let approvals = fields.optional("approvals").and_then(|node| read_approvals(node, found));
    let records = read_records(fields.optional("records"), found);
    let words = [("acknowledged", true), ("named", false)];
    let on_call = fields.optional("on_call").and_then(|node| node.word(&words, found));
    let words = [("reviewed", true), ("any", false)];
    let config_diff = fields.optional("config_diff").and_then(|node| node.word(&words, found));
    PaperworkEntry {
        ticket_required: ticket.is_some_and(|ticket| ticket.value),
        approvals: approvals.unwrap_or_default(),
        records,
        on_call_acknowledged: on_call.is_some_and(|on_call| on_call.value),
        config_diff_reviewed: config_diff.filter(|asked| asked.value).map(|asked| asked.place),
    }
}

fn read_approvals(node: &Node, found: &mut Found<'_>) -> Option<ApprovalsEntry> {
    if !matches!(node.kind, Kind::Map(_)) {
        return Some(ApprovalsEntry { every: read_count(node, found)?, by_class: BTreeMap::new() });
    }
    let mut fields = Fields::open(node, "approvals", node.place, found)?;
    let every = fields.optional("every").and_then(|node| read_count(node, found));
    let mut by_class = BTreeMap::new();
    for (word, class) in [
        ("code", ChangeClass::Code),
        ("config", ChangeClass::Config),
        ("schema", ChangeClass::Schema),
        ("data", ChangeClass::Data),
        ("contract", ChangeClass::Contract),
    ] {
        if let Some(count) = fields.optional(word).and_then(|node| read_count(node, found)) {
            by_class.insert(class, count);
        }
    }
    fields.finish(found);
    Some(ApprovalsEntry { every: every.unwrap_or(0), by_class })
}

fn read_count(node: &Node, found: &mut Found<'_>) -> Option<u32> {
    node.whole(0, APPROVALS_MAX, found).and_then(|count| u32::try_from(count.value).ok())
}

fn read_records(node: Option<&Node>, found: &mut Found<'_>) -> Vec<RecordKind> {
    let words = RecordKind::ALL.map(|kind| (kind.word(), kind));
    let mut records = Vec::new();
    for item in one_or_many(node) {
        let Some(kind) = item.word(&words, found) else { continue };
        if records.contains(&kind.value) {
            let message = format!("`{}` is listed twice", kind.value.word());
            found.error(Code::LISTED_TWICE, item.place, message).expected("every kind once");
        } else {
            records.push(kind.value);
        }
    }
    records
}
