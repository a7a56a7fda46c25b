//! `rehearse:` of an environment: how rehearsals are run there.

use super::environment::path;
use crate::{
    Duration,
    blueprint::RehearsePlan,
    diagnostic::Code,
    yaml::{Fields, Found, Kind, Node, Reading, list},
};

/// Longer than this a rehearsal would be forgotten by whoever waits for it.
const LONGEST: Duration = Duration::from_mins(60);
/// More requests per second would be a load test.
const RATE_MAX: u64 = 200;

/// More than this in one line nobody reads.
const BODY_MAX: usize = 4 * 1024;

/// `rehearse:` from its node.
pub(super) fn read(node: &Node, found: &mut Found<'_>) -> Option<RehearsePlan> {
    let mut fields = Fields::open(node, "`rehearse`", node.place, found)?;
    let mut plan = RehearsePlan::default();
    if let Some(baseline) = fields.optional("baseline").and_then(|node| length(node, found)) {
        plan.baseline = baseline;
    }
    if let Some(traffic) = fields.optional("traffic").and_then(|node| length(node, found)) {
        plan.traffic = traffic;
    }
    if let Some(node) = fields.optional("path") {
        plan.paths = match &node.kind {
            Kind::Text(_) => visit(node, found).into_iter().collect(),
            _several => list(node, found).iter().filter_map(|item| visit(item, found)).collect(),
        };
    }
    let rate = fields.optional("rate").and_then(|node| node.whole(1, RATE_MAX, found));
    if let Some(rate) = rate.and_then(|rate| u32::try_from(rate.value).ok()) {
        plan.rate = rate;
    }
    fields.finish(found);
    Some(plan)
}

/// A path that is asked for, or `POST /path` with what is posted behind it.
fn visit(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    let Some(posted) = text.value.strip_prefix("POST ") else { return path(node, found) };
    let posted = posted.trim();
    let is_path = posted.starts_with('/') && !posted.contains(char::is_control);
    if is_path && posted.len() <= BODY_MAX {
        return Some(format!("POST {posted}"));
    }
    found
        .error(Code::INVALID_ADDRESS, node.place, "nothing can be posted like this")
        .expected("`POST /path`, or `POST /path BODY` on one line, 4 KiB at most");
    None
}

fn length(node: &Node, found: &mut Found<'_>) -> Option<Duration> {
    let length = node.duration(found)?.value;
    if length > Duration::ZERO && length <= LONGEST {
        return Some(length);
    }
    found
        .error(Code::INVALID_NUMBER, node.place, "a rehearsal cannot wait for this long")
        .expected(format!("more than nothing and {} at most", LONGEST.human()));
    None
}
