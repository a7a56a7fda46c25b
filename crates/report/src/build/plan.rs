//! What was planned: the release, its stages, its rules.

use ripcord_engine::Event;
use ripcord_model::blueprint::{BlindAction, Blueprint};

use super::moment;
use crate::{
    cited::Cited,
    record::Entries,
    report::{ChangeRow, DecisionSheet, Moment, Plan, RuleRow, StageRow},
    words::{list, percent},
};

/// The release plan.
pub(super) fn plan(entries: &Entries) -> Plan {
    let blueprint = entries.blueprint();
    let at = |text: String| Cited::at(text, [entries.created.position]);
    let mut facts = vec![at(match &blueprint.last_good {
        Some(last_good) => {
            format!(
                "{} of {} goes out; the way back leads to {}",
                blueprint.candidate.version, blueprint.service, last_good.version
            )
        }
        None => format!(
            "{} of {} goes out, and the record knows no version to go back to",
            blueprint.candidate.version, blueprint.service
        ),
    })];
    if let Some(digest) = &blueprint.candidate.digest {
        facts.push(at(format!("The artifact of {} is {digest}", blueprint.candidate.version)));
    }
    facts.push(at(format!("The blueprint's SHA-256 is {}", blueprint.hash())));
    facts.push(at(format!("{} owns the release", blueprint.owner)));
    facts.push(at(match &blueprint.on_call {
        Some(person) => format!("{person} is on call"),
        None => "Nobody is named as on call".to_owned(),
    }));
    if blueprint.critical_path {
        facts.push(at("It is on the critical path: without it the service is lost".to_owned()));
    }
    if let Some(why) = &blueprint.hotfix {
        facts.push(at(format!("It is a hotfix: {why}")));
    }
    if let Some(ticket) = &blueprint.paperwork.ticket {
        facts.push(at(format!("Its change ticket is {ticket}")));
    }
    facts.push(at(format!(
        "The owner accepted a chance of {} that it goes back although nothing is wrong",
        percent(blueprint.false_rollback)
    )));
    facts.push(at(blind(blueprint)));
    facts.push(at(format!(
        "People outside are told when going back lasts longer than {}",
        blueprint.outside_after.human()
    )));
    Plan { facts, changes: blueprint.changes.iter().map(change).collect() }
}

fn blind(blueprint: &Blueprint) -> String {
    let then = match blueprint.blind.then {
        BlindAction::Rollback => "it goes back",
        BlindAction::Ask => "it asks a person",
    };
    let (after, deadline) = (blueprint.blind.after.human(), blueprint.blind.deadline.human());
    format!("A signal is blind after {after} of silence; after {deadline} of blindness {then}")
}

fn change(change: &ripcord_model::blueprint::Change) -> ChangeRow {
    ChangeRow {
        id: change.id.clone(),
        class: change.class.word().to_owned(),
        summary: change.summary.clone(),
        owner: change.owner.clone(),
        level: change.level,
        budget: change.budget,
        contain: change.contain.clone(),
        trigger_by: change.trigger_by.clone(),
    }
}

/// The stages, and when each was in force.
pub(super) fn stages(entries: &Entries) -> Vec<StageRow> {
    let stages = entries.blueprint().stages.iter().enumerate();
    stages
        .map(|(index, stage)| StageRow {
            number: index + 1,
            share: stage.share,
            dwell: stage.dwell,
            min_requests: stage.min_requests,
            in_force: in_force(entries, index),
            left: left(entries, index),
        })
        .collect()
}

fn in_force(entries: &Entries, index: usize) -> Option<Moment> {
    let last = entries.blueprint().last_stage();
    let is = |event: &Event| {
        matches!(event, Event::StageBaking { stage } if *stage == index)
            || index == last && matches!(event, Event::Verifying)
    };
    entries.events().find(|(_, event)| is(event)).map(|(placed, _)| moment(placed))
}

fn left(entries: &Entries, index: usize) -> Option<Moment> {
    let since = in_force(entries, index)?.entry;
    let is = |event: &Event| {
        matches!(event, Event::StageEntered { stage } if *stage != index)
            || matches!(
                event,
                Event::ContainDecided { .. }
                    | Event::RollbackDecided { .. }
                    | Event::OfflineRollback { .. }
                    | Event::Completed { .. }
            )
    };
    let later = entries.events().filter(|(placed, _)| placed.position > since);
    later.filter(|(_, event)| is(event)).map(|(placed, _)| moment(placed)).next()
}

/// The decision sheet.
pub(super) fn decisions(entries: &Entries) -> DecisionSheet {
    let blueprint = entries.blueprint();
    let mut rules = Vec::new();
    for signal in &blueprint.signals {
        let kinds = [("rollback", &signal.rollback), ("contain", &signal.contain), ("hold", &signal.hold)];
        for (leads_to, written) in kinds {
            rules.extend(written.iter().map(|rule| RuleRow {
                signal: signal.name.to_string(),
                harm: signal.harm,
                leads_to: leads_to.to_owned(),
                rule: rule.to_string(),
            }));
        }
    }
    DecisionSheet { rules, people: deciders(entries) }
}

fn deciders(entries: &Entries) -> Vec<Cited> {
    let blueprint = entries.blueprint();
    let at = |text: String| Cited::at(text, [entries.created.position]);
    let mut people =
        vec![at(format!("{} owns the release and may promote, hold and complete it", blueprint.owner))];
    if let Some(on_call) = &blueprint.on_call {
        people.push(at(format!("{on_call} is on call")));
    }
    for change in &blueprint.changes {
        if !change.trigger_by.is_empty() {
            people.push(at(format!(
                "{}: {} may trigger its rollback, {} answers for it",
                change.id,
                list(&change.trigger_by),
                change.owner
            )));
        }
    }
    let reviewers = blueprint.reviewers();
    if !reviewers.is_empty() {
        people.push(at(format!("{} may approve", list(reviewers))));
    }
    people.push(Cited::plain(
        "Steps of level migration and data run only after the bleeding has stopped and a named person, who is not the \
         owner, has approved them",
    ));
    people.push(Cited::plain("Going back needs no check and no freeze holds it"));
    people
}
