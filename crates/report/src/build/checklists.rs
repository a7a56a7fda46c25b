//! Checklists, ticked from the record: who did it, and when.

use ripcord_engine::Event;
use ripcord_model::paper::Paper;

use super::rehearsals;
use crate::{
    cited::Cited,
    episode::episodes,
    record::{Entries, Placed},
    report::{Checklist, ChecklistItem, Moment},
    words::{instant, share},
};

/// Before, canary, full, after; and going back, where it did.
pub(super) fn checklists(entries: &Entries) -> Vec<Checklist> {
    let mut lists = vec![
        list("Before the release", before(entries)),
        list("Deploy: canary", canary(entries)),
        list("Deploy: full", full(entries)),
        list("After the release", after(entries)),
    ];
    if !episodes(&entries.own).is_empty() {
        lists.push(list("Going back", going_back(entries)));
    }
    lists
}

fn list(title: &str, items: Vec<ChecklistItem>) -> Checklist {
    Checklist { title: title.to_owned(), items }
}

fn item(what: &str, done: Option<&Placed>) -> ChecklistItem {
    about(what, [], done)
}

/// `cited`: where the numbers in `what` stand.
fn about<const N: usize>(what: &str, cited: [u64; N], done: Option<&Placed>) -> ChecklistItem {
    let said = match done {
        Some(placed) => {
            let by = if placed.by.is_person() { placed.by.to_string() } else { "Ripcord".to_owned() };
            let by = if placed.by.kind == ripcord_model::ActorKind::Agent {
                format!("the agent {}", placed.by)
            } else {
                by
            };
            Cited::at(
                format!("{what}: {by}, {}", instant(placed.at)),
                cited.into_iter().chain([placed.position]),
            )
        }
        None => Cited::at(format!("{what}: not on record"), cited),
    };
    ChecklistItem { done: done.is_some(), said }
}

fn first(entries: &Entries, is: impl Fn(&Event) -> bool) -> Option<&Placed> {
    entries.events().find(|(_, event)| is(event)).map(|(placed, _)| placed)
}

fn last(entries: &Entries, is: impl Fn(&Event) -> bool) -> Option<&Placed> {
    entries.events().filter(|(_, event)| is(event)).last().map(|(placed, _)| placed)
}

fn paper(entries: &Entries, is: impl Fn(&Paper) -> bool) -> Option<&Placed> {
    entries.papers().filter(|(_, paper)| is(paper)).last().map(|(placed, _)| placed)
}

fn before(entries: &Entries) -> Vec<ChecklistItem> {
    let blueprint = entries.blueprint();
    let mut items = vec![item("The plan is compiled and on record", Some(&entries.created))];
    let notes = rehearsals::notes(entries);
    let confirmed = notes.iter().rfind(|note| note.failed.is_none()).map(|note| note.entry);
    let confirmed = entries.rehearsals.iter().find(|placed| Some(placed.position) == confirmed);
    items.push(item("The way back is rehearsed and has a confirmed time", confirmed));
    if blueprint.staging.is_some() {
        let passed = first(entries, |event| matches!(event, Event::StagingPassed));
        items.push(item("The candidate ran and answered in staging", passed));
    }
    for kind in &blueprint.paperwork.records {
        let good = |paper: &Paper| {
            matches!(paper, Paper::ResultRecorded { of, counts, .. }
                if of == kind && counts.is_none_or(|counts| counts.is_good()))
        };
        items.push(item(&format!("A result of the {} is on record", kind.word()), paper(entries, good)));
    }
    for to in &blueprint.paperwork.messages {
        let told = |paper: &Paper| matches!(paper, Paper::MessageRecorded { to: told, .. } if told == to);
        items.push(about(&format!("{to} was told before"), [entries.created.position], paper(entries, told)));
    }
    if blueprint.paperwork.config_diff_reviewed {
        let reviewed = |paper: &Paper| matches!(paper, Paper::ConfigDiffReviewed { .. });
        items.push(item(
            "The differences between staging and production were looked at",
            paper(entries, reviewed),
        ));
    }
    let hash = blueprint.hash();
    let approvals = entries
        .papers()
        .filter(|(_, paper)| matches!(paper, Paper::ReleaseApproved { blueprint, .. } if *blueprint == hash));
    let approvals: Vec<&Placed> = approvals.map(|(placed, _)| placed).collect();
    items.extend(approvals.iter().map(|placed| item("The release is approved", Some(placed))));
    if approvals.is_empty() && blueprint.approvals_needed() > 0 {
        items.push(item("The release is approved", None));
    }
    if blueprint.paperwork.on_call_acknowledged {
        let there = first(entries, |event| matches!(event, Event::Acknowledged));
        items.push(item("The on-call person has said that they are there", there));
    }
    let opened = last(entries, |event| matches!(event, Event::GateOpened { .. }));
    items.push(item("The gate is open", opened));
    items
}

fn canary(entries: &Entries) -> Vec<ChecklistItem> {
    let blueprint = entries.blueprint();
    let stages = blueprint.stages.iter().enumerate().take(blueprint.last_stage());
    let created = entries.created.position;
    let mut items = Vec::new();
    for (index, planned) in stages {
        let baking = |event: &Event| matches!(event, Event::StageBaking { stage } if *stage == index);
        let ready = |event: &Event| matches!(event, Event::StageReady { stage } if *stage == index);
        let asked = share(planned.share);
        items.push(about(&format!("{asked} is in force, read back"), [created], first(entries, baking)));
        items.push(about(
            &format!("{asked} has lasted, was exposed and is within limits"),
            [created],
            last(entries, ready),
        ));
    }
    items
}

fn full(entries: &Entries) -> Vec<ChecklistItem> {
    let verifying = first(entries, |event| matches!(event, Event::Verifying));
    let until = verifying.map_or(u64::MAX, |placed| placed.position);
    let agreed = entries.events().filter(|(placed, event)| {
        placed.position < until && matches!(event, Event::Promoted { .. } | Event::Acknowledged)
    });
    let agreed = agreed.map(|(placed, _)| placed).last();
    vec![
        item("A named person agreed to all traffic, or was there", agreed),
        item("All traffic is on the candidate, read back", verifying),
    ]
}

fn after(entries: &Entries) -> Vec<ChecklistItem> {
    let completed = first(entries, |event| matches!(event, Event::Completed { .. }));
    let mut items = vec![item("A named person declared it complete after validation", completed)];
    for (_, opened) in entries.papers() {
        let Paper::PostmortemOpened(opened) = opened else { continue };
        let closed =
            |paper: &Paper| matches!(paper, Paper::PostmortemClosed(closed) if closed.id == opened.id);
        items.push(item(&format!("The post-mortem on {} is closed", opened.check), paper(entries, closed)));
    }
    if paper(entries, |paper| matches!(paper, Paper::SilencePlaced(_))).is_some() {
        let removed = paper(entries, |paper| matches!(paper, Paper::SilenceRemoved(_)));
        items.push(item("Alerts that were silenced are heard again", removed));
    }
    items
}

fn going_back(entries: &Entries) -> Vec<ChecklistItem> {
    let found = episodes(&entries.own);
    let Some(newest) = found.last() else { return Vec::new() };
    let at = |what: &str, moment: Option<Moment>| {
        let placed = moment.and_then(|moment| {
            let placed = entries.own.iter().find(|placed| placed.position == moment.entry)?;
            Some(Placed { at: moment.at, ..placed.clone() })
        });
        item(what, placed.as_ref())
    };
    let mut items = vec![
        at("Decided", Some(newest.decided_at())),
        at("The bleeding has stopped, read back", newest.bleeding_stopped()),
    ];
    if newest.goes_back() {
        items.push(at("Recovery was seen", newest.recovered()));
        items.push(at("The release is back on the last good version", newest.rolled_back()));
    } else {
        items.push(at("The release is contained", newest.contained()));
    }
    items
}
