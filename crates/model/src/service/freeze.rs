//! `freeze:` and `window:` of an environment: recurring by cron, or between two instants.

use crate::{
    Timestamp,
    calendar::{self, Side},
    diagnostic::Code,
    nouns::freeze::{FreezeSpan, FreezeWindow},
    source::Spanned,
    yaml::{Fields, Found, Node, Reading, list},
};

const EXPECTED: &str = "five cron fields (`0 16 * * FRI`) or an instant (`2026-12-20 18:00`)";

/// The windows of a list.
pub(super) fn read(node: &Node, found: &mut Found<'_>) -> Vec<Spanned<FreezeWindow>> {
    list(node, found)
        .iter()
        .filter_map(|item| {
            let fields = Fields::open(item, "this freeze", item.place, found)?;
            Some(Spanned::new(read_window(fields, Kind::Freeze, found)?, item.place))
        })
        .collect()
}

/// The windows of a list in which releases may begin. They need no reason.
pub(super) fn read_open(node: &Node, found: &mut Found<'_>) -> Vec<Spanned<FreezeWindow>> {
    list(node, found)
        .iter()
        .filter_map(|item| {
            let fields = Fields::open(item, "this window", item.place, found)?;
            Some(Spanned::new(read_window(fields, Kind::Open, found)?, item.place))
        })
        .collect()
}

#[derive(Clone, Copy)]
enum Kind {
    /// Forward motion stops: where clocks that change leave a doubt, it lasts longer.
    Freeze,
    /// Releases may begin: in doubt it is shorter.
    Open,
}

fn read_window(mut fields: Fields<'_>, kind: Kind, found: &mut Found<'_>) -> Option<FreezeWindow> {
    let (begins, ends) = match kind {
        Kind::Freeze => (Side::Early, Side::Late),
        Kind::Open => (Side::Late, Side::Early),
    };
    let zone = fields.required("zone", "an IANA zone: `zone: Europe/Berlin`", found);
    let zone = zone.and_then(|node| read_zone(node, found));
    let name = zone.as_deref().unwrap_or("UTC");
    let from = fields.required("from", EXPECTED, found).and_then(|node| read_edge(node, name, begins, found));
    let until_node = fields.required("until", EXPECTED, found);
    let until = until_node.and_then(|node| read_edge(node, name, ends, found));
    let reason = match kind {
        Kind::Open => match fields.optional("reason") {
            Some(node) => node.text(found).map(|reason| reason.value),
            None => Some("release window".to_owned()),
        },
        Kind::Freeze => fields
            .required("reason", "a few words: `reason: weekend`", found)
            .and_then(|node| node.text(found))
            .map(|reason| reason.value),
    };
    fields.finish(found);
    let place = until_node.map(|node| node.place)?;
    let span = match (from?, until?) {
        (Edge::Cron(from), Edge::Cron(until)) => FreezeSpan::Recurring { from, until },
        (Edge::At(from), Edge::At(until)) if from < until => FreezeSpan::Absolute { from, until },
        (Edge::At(_), Edge::At(_)) => {
            found
                .error(Code::INVALID_FREEZE, place, "this ends before it begins")
                .expected("an end after `from`");
            return None;
        }
        (Edge::Cron(_), Edge::At(_)) | (Edge::At(_), Edge::Cron(_)) => {
            let message = "one end recurs, the other happens once";
            found
                .error(Code::INVALID_FREEZE, place, message)
                .expected("two cron expressions or two instants");
            return None;
        }
    };
    Some(FreezeWindow { span, zone: zone?, reason: reason? })
}

fn read_zone(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    if calendar::zone(&text).is_some() {
        return Some(text.value);
    }
    let message = "this zone is not known";
    found
        .error(Code::INVALID_FREEZE, node.place, message)
        .expected("an IANA zone such as Europe/Berlin or UTC");
    None
}

enum Edge {
    Cron(String),
    At(Timestamp),
}

fn read_edge(node: &Node, zone: &str, side: Side, found: &mut Found<'_>) -> Option<Edge> {
    let text = node.text(found)?;
    let edge = if text.split_whitespace().count() == 5 {
        calendar::cron(&text).map(|_| Edge::Cron(text.split_whitespace().collect::<Vec<_>>().join(" ")))
    } else {
        calendar::edge(&text, zone, side).map(Edge::At)
    };
    if edge.is_none() {
        let message = "this is neither a cron expression nor an instant";
        found.error(Code::INVALID_FREEZE, node.place, message).expected(EXPECTED);
    }
    edge
}
