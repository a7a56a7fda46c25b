//! Stages that harm fewer users in the same time, ready to be pasted into the plan.

use ripcord_power::{Power, Proposal};

use super::amounts;
use crate::render::{
    layout::Rows,
    look::{Look, Tone},
};

/// The proposal with what it is compared with; nothing when no rule ends harm.
pub(super) fn proposal(power: &Power, look: &Look) -> String {
    let mut rows = Rows::new(look);
    let Some(proposal) = &power.proposal else {
        let Some(harm) = power.harm else { return String::new() };
        let answer = format!(
            "none: a regression causes {} bad events until it is noticed, and no other stages were found that cause a \
             tenth less in the same time",
            amounts::about(harm)
        );
        rows.row("proposal", &answer);
        return rows.finish() + "\n";
    };
    let answer = format!(
        "harms fewer users in the same time: a regression causes {} bad events until it is noticed, instead of {}",
        amounts::about(proposal.harm),
        amounts::about(proposal.harm_now)
    );
    rows.painted("proposal", &answer, Some(Tone::Strong));
    let sizes: Vec<String> = proposal
        .by_effect
        .iter()
        .map(|(times, harm, now)| {
            format!("{times}x: {} instead of {}", amounts::about(*harm), amounts::about(*now))
        })
        .collect();
    rows.row("proposal", &sizes.join(" · "));
    rows.row(
        "proposal",
        "on average over these sizes; half of them begin with the release, the others early, midway or late before 100 %",
    );
    let mut text = rows.finish();
    text.push('\n');
    text.push_str(&yaml(proposal));
    text.push('\n');
    text
}

/// As it stands in a plan.
fn yaml(proposal: &Proposal) -> String {
    let mut text = "stages:\n".to_owned();
    for stage in &proposal.stages {
        let at_least = match stage.min_requests {
            0 => String::new(),
            requests => format!(", at_least: {requests} requests"),
        };
        text.push_str(&format!("  - {{ share: {}, for: {}{at_least} }}\n", stage.share, stage.dwell));
    }
    text
}
