//! From entries to a report. One file per part.

mod back;
mod checklists;
mod improve;
mod incidents;
mod messages;
mod people;
mod plan;
mod rehearsals;
mod standing;

pub use improve::HESITATION_MAX;

use std::{collections::BTreeMap, sync::Arc};

use ripcord_engine::{Event, Release};
use ripcord_model::blueprint::{Matrix, Rehearsed};

use crate::{
    record::{Entries, Fact, Placed},
    report::{CheckRow, FORMAT, GateAnswer, Moment, Report, UnknownKind},
    words::Words,
};

/// The report of a release, as its entries have it.
pub fn build(entries: &Entries, words: Words<'_>) -> Report {
    let blueprint = entries.blueprint();
    let release = folded(entries);
    let rehearsals = rehearsals::notes(entries);
    let incidents = incidents::incidents(entries, words);
    let rehearsed =
        if rehearsals.iter().any(|note| note.failed.is_none()) { Rehearsed::Yes } else { Rehearsed::No };
    let matrix = Matrix::compile(blueprint, |_| rehearsed);
    let as_of = entries.own.last().unwrap_or(&entries.created);
    let stages = plan::stages(entries);
    let mut report = Report {
        format: FORMAT,
        release: entries.release.clone(),
        service: blueprint.service.clone(),
        candidate: blueprint.candidate.version.clone(),
        last_good: blueprint.last_good.as_ref().map(|artifact| artifact.version.clone()),
        created: entries.created.position,
        blueprint: blueprint.hash().as_str().to_owned(),
        as_of: moment(as_of),
        phase: release.phase(),
        over: release.phase().is_final(),
        headline: Default::default(),
        not_known_yet: standing::not_known_yet(&release, entries),
        summary: Vec::new(),
        plan: plan::plan(entries),
        stages,
        matrix,
        procedures: back::procedures(entries),
        decisions: plan::decisions(entries),
        rehearsals,
        checklists: checklists::checklists(entries),
        gate: gate(entries),
        incidents,
        validation: people::validation(entries),
        people: people::people(entries, words),
        messages: messages::messages(entries),
        also: messages::also(entries, words),
        improve: Vec::new(),
        unknown_kinds: unknown_kinds(entries),
    };
    report.headline = standing::headline(&report, entries);
    report.improve = improve::improve(entries, &report);
    report.summary = standing::summary(&report);
    report
}

fn folded(entries: &Entries) -> Release {
    let first = entries.events().find_map(|(_, event)| {
        let Event::Created { first_generation, .. } = event else { return None };
        Some(*first_generation)
    });
    let blueprint = Arc::new(entries.blueprint().clone());
    let mut release = Release::new(blueprint, first.unwrap_or_default(), entries.created.at);
    entries.events().for_each(|(placed, event)| release.apply(event, placed.at));
    release
}

pub(super) fn moment(placed: &Placed) -> Moment {
    Moment { at: placed.at, entry: placed.position }
}

fn gate(entries: &Entries) -> Vec<GateAnswer> {
    let answers = entries.events().filter_map(|(placed, event)| {
        let (Event::GateOpened { checks } | Event::GateBlocked { checks }) = event else { return None };
        Some((placed, event, checks))
    });
    answers
        .map(|(placed, event, checks)| GateAnswer {
            opened: matches!(event, Event::GateOpened { .. }),
            at: moment(placed),
            checks: checks
                .iter()
                .map(|check| CheckRow {
                    check: check.check.clone(),
                    status: check.status,
                    reason: check.reason.clone(),
                })
                .collect(),
        })
        .collect()
}

fn unknown_kinds(entries: &Entries) -> Vec<UnknownKind> {
    let mut kinds: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for placed in entries.own.iter().chain(&entries.rehearsals) {
        if let Fact::Unknown(kind) = &placed.fact {
            kinds.entry(kind.clone()).or_default().push(placed.position);
        }
    }
    kinds.into_iter().map(|(kind, entries)| UnknownKind { kind, entries }).collect()
}
