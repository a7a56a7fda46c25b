//! `stages:` of a plan.

use super::{StageEntry, Stages};
use crate::{
    diagnostic::Code,
    source::Spanned,
    yaml::{Fields, Found, Kind, Node, Reading},
};

/// The most requests that a stage can ask for.
const MAX_REQUESTS: u64 = 1_000_000_000_000;

/// A preset or a list.
pub(super) fn read(node: &Node, found: &mut Found<'_>) -> Option<Spanned<Stages>> {
    match &node.kind {
        Kind::List(items) => {
            let stages: Vec<Option<StageEntry>> = items.iter().map(|item| read_stage(item, found)).collect();
            let stages: Option<Vec<StageEntry>> = stages.into_iter().collect();
            Some(Spanned::new(Stages::Listed(stages?), node.place))
        }
        Kind::Text(_) => {
            #[derive(Clone, Copy)]
            enum Preset {
                Standard,
                Small,
            }
            let words = [("standard", Preset::Standard), ("small", Preset::Small)];
            let preset = node.word(&words, found)?;
            Some(preset.map(|preset| match preset {
                Preset::Standard => Stages::Standard,
                Preset::Small => Stages::Small,
            }))
        }
        Kind::Null | Kind::Map(_) => {
            let message = format!("`stages` is {}", node.describe());
            let expected =
                "`standard`, `small`, or a list: `- { share: 1%, for: 30m, at_least: 500 requests }`";
            found.error(Code::WRONG_KIND, node.place, message).expected(expected);
            None
        }
    }
}

fn read_stage(node: &Node, found: &mut Found<'_>) -> Option<StageEntry> {
    let mut fields = Fields::open(node, "this stage", node.place, found)?;
    let share =
        fields.required("share", "a share of traffic: `share: 1%`", found).and_then(|node| node.share(found));
    let dwell = fields.optional("for").and_then(|node| node.duration(found));
    let at_least = fields.optional("at_least").and_then(|node| read_requests(node, found));
    fields.finish(found);
    Some(StageEntry { place: node.place, share: share?, dwell, at_least })
}

fn read_requests(node: &Node, found: &mut Found<'_>) -> Option<Spanned<u64>> {
    let text = node.text(found)?;
    let number = match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        [number] | [number, "request" | "requests"] if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            number.parse::<u64>().ok().filter(|number| *number <= MAX_REQUESTS)
        }
        _ => None,
    };
    if number.is_none() {
        let message = "this is not a number of requests";
        found.error(Code::INVALID_NUMBER, node.place, message).expected("`at_least: 500 requests`");
    }
    number.map(|number| Spanned::new(number, node.place))
}
