//! What people put on record: approvals, overrides, post-mortems, exceptions; and what was validated.

use ripcord_engine::Event;
use ripcord_model::paper::Paper;

use crate::{
    cited::Cited,
    record::{Entries, Placed},
    words::{Words, instant, list},
};

/// A sentence that says who, what and when.
pub(super) fn told(placed: &Placed, what: &str) -> Cited {
    Cited::at(format!("{}, {}: {what}", instant(placed.at), placed.by), [placed.position])
}

/// Approvals, overrides, post-mortems, exceptions, reviews.
pub(super) fn people(entries: &Entries, words: Words<'_>) -> Vec<Cited> {
    let mut said = Vec::new();
    for placed in &entries.own {
        if let Some(paper) = placed.paper().filter(|paper| is_a_decision(paper)) {
            said.push(told(placed, &(words.paper)(paper)));
        }
        if let Some(event) = placed.event().filter(|event| is_a_persons(event)) {
            said.push(told(placed, &(words.event)(event)));
        }
    }
    said
}

fn is_a_decision(paper: &Paper) -> bool {
    matches!(
        paper,
        Paper::ReleaseApproved { .. }
            | Paper::ConfigDiffReviewed { .. }
            | Paper::CheckOverridden(_)
            | Paper::PostmortemOpened(_)
            | Paper::PostmortemClosed(_)
            | Paper::FreezeExcepted(_)
            | Paper::RunbookStepApproved(_)
    )
}

fn is_a_persons(event: &Event) -> bool {
    matches!(
        event,
        Event::Promoted { .. }
            | Event::BackStepApproved { .. }
            | Event::BackStepSkipped { .. }
            | Event::DespiteFreeze { .. }
            | Event::Completed { .. }
            | Event::Cancelled { .. }
    )
}

/// Results that were recorded, the way through staging, validation and its end.
pub(super) fn validation(entries: &Entries) -> Vec<Cited> {
    let mut said = Vec::new();
    for placed in &entries.own {
        if let Some(Paper::ResultRecorded { of, artifact, counts, file }) = placed.paper() {
            let counts = counts.map_or_else(|| "not counted".to_owned(), |counts| counts.to_string());
            said.push(told(
                placed,
                &format!("{} of {}: {counts} ({})", of.word(), artifact.version, file.name),
            ));
        }
        if let Some(what) = placed.event().and_then(validated) {
            said.push(told(placed, &what));
        }
    }
    let verifying = entries.events().find(|(_, event)| matches!(event, Event::Verifying));
    let ended = entries.events().find(|(_, event)| matches!(event, Event::Completed { .. }));
    if let (Some((from, _)), Some((to, Event::Completed { why }))) = (verifying, ended) {
        let text = format!(
            "All traffic was on the candidate for {} before {} declared it complete: {why}",
            to.at.since(from.at).human(),
            to.by
        );
        said.push(Cited::at(text, [from.position, to.position]));
    }
    said
}

fn validated(event: &Event) -> Option<String> {
    if matches!(event, Event::StagingPassed) {
        return Some("ran and answered in staging".to_owned());
    }
    if let Event::StagingFailed { reason } = event {
        return Some(format!("failed in staging: {reason}"));
    }
    let Event::RecoveryVerified { silent } = event else { return None };
    if silent.is_empty() {
        return Some("recovery was seen: probes pass and no signal is beyond its limits".to_owned());
    }
    Some(format!("recovery was seen, except for what was silent: {}", list(silent)))
}
