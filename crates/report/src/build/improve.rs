//! What to make better: for each slow, manual, one-way or unrehearsed part one concrete suggestion.

use ripcord_engine::{Cause, CheckStatus, Event};
use ripcord_model::{
    ChangeClass, Duration, Level, Reversibility,
    blueprint::{Change, WayBackAction, WayBackStep},
    paper::Paper,
};

use super::incidents::rehearsed_before;
use crate::{
    cited::Cited,
    episode::{Episode, cause_of, episodes},
    record::Entries,
    report::{Improvement, Report, Suggestion},
    words::share,
};

/// From the first sign to the decision: longer is hesitation. `ripcord metrics` has the same default.
pub const HESITATION_MAX: Duration = Duration::from_mins(5);

/// Everything that was slow, manual, one-way or not rehearsed.
pub(super) fn improve(entries: &Entries, report: &Report) -> Vec<Improvement> {
    let mut found = Vec::new();
    found.extend(entries.blueprint().changes.iter().filter_map(|change| one_way(entries, change)));
    rehearsed(entries, report, &mut found);
    for (episode, incident) in episodes(&entries.own).iter().zip(&report.incidents) {
        decided(entries, episode, &mut found);
        for row in &incident.steps {
            let planned = entries.blueprint().way_back.steps.iter().find(|step| step.id == row.step);
            if let (Some(step), Some(took)) = (planned, row.took)
                && took > step.budget
            {
                let text = format!("{} took {} of at most {}", row.step, took.human(), step.budget.human());
                found.push(slow(step, Cited::at(text, row.entries.iter().copied())));
            }
        }
        walked(entries, episode, &mut found);
    }
    found.extend(accepted(entries, report));
    found
}

fn part(part: &str, why: Cited, kind: Suggestion, suggestion: impl Into<String>) -> Improvement {
    Improvement { part: part.to_owned(), why, suggestion: suggestion.into(), kind }
}

fn one_way(entries: &Entries, change: &Change) -> Option<Improvement> {
    let created = entries.created.position;
    let deep = change.level.is_some_and(Level::needs_approval);
    let why = match change.reversibility {
        Reversibility::OneWay => "has no way back",
        Reversibility::Partial => "can be undone only in part",
        Reversibility::Reversible if deep => "can be undone only by a deep level, with an approval",
        Reversibility::Reversible => return None,
    };
    let (kind, what) = match change.class {
        ChangeClass::Schema => (
            Suggestion::SplitMigration,
            "split the migration: add what is new first, let both versions use it, remove what is old in a later release",
        ),
        ChangeClass::Data => (
            Suggestion::Stage,
            "stage it: write the new data beside the old, move readers over, delete the old in a later release",
        ),
        ChangeClass::Contract => (
            Suggestion::Stage,
            "stage it: serve the old and the new format side by side until nobody asks for the old",
        ),
        ChangeClass::Code | ChangeClass::Config => {
            (Suggestion::Flag, "put it behind a flag, so that it can be switched off without anything else")
        }
    };
    let why = Cited::at(format!("{} {why}", change.id), [created]);
    Some(part(&change.id, why, kind, what))
}

fn rehearsed(entries: &Entries, report: &Report, found: &mut Vec<Improvement>) {
    let again = format!("rehearse it: ripcord rehearse {}", entries.release);
    let confirmed = report.rehearsals.iter().rev().find(|note| note.failed.is_none());
    match confirmed {
        None => {
            let why = Cited::plain(
                "Its way back has no confirmed time: no rehearsal of it is on record as confirmed",
            );
            found.push(part("the way back", why, Suggestion::Rehearse, again));
        }
        Some(note) => {
            for text in note.notes.iter().filter(|text| text.starts_with("not shown")) {
                let why = Cited::at(text.clone(), [note.entry]);
                let what = "give staging what is missing, so that a rehearsal can show it";
                found.push(part("the rehearsal", why, Suggestion::Rehearse, what));
            }
        }
    }
}

fn decided(entries: &Entries, episode: &Episode<'_>, found: &mut Vec<Improvement>) {
    let cause = episode.decided.event().and_then(cause_of);
    let at = episode.decided.position;
    if let Some(Cause::Person { by, why }) = cause {
        let text = format!("{by} decided it, no rule did: {why}");
        let what = "write a rollback rule for what was seen, and try it on history with ripcord backtest";
        found.push(part("the decision", Cited::at(text, [at]), Suggestion::DecideSooner, what));
    }
    if let Some(crossed) = episode.crossed {
        let waited = episode.decided_at().at.since(crossed.at);
        if waited > HESITATION_MAX {
            let text =
                format!("A signal was beyond its limits for {} before anybody decided", waited.human());
            let what = "let the rule that held it send it back, or agree beforehand who decides and when";
            let why = Cited::at(text, [crossed.position, at]);
            found.push(part("the decision", why, Suggestion::DecideSooner, what));
        }
    }
    if let Some(improvement) = exposure(entries, episode) {
        found.push(improvement);
    }
}

/// Harm that was noticed only when most users had it.
fn exposure(entries: &Entries, episode: &Episode<'_>) -> Option<Improvement> {
    let until = episode.crossed.unwrap_or(episode.decided).position;
    let entered = entries.events().filter(|(placed, _)| placed.position < until);
    let baking = entered.filter_map(|(placed, event)| {
        let Event::StageBaking { stage } = event else { return None };
        Some((placed.position, *stage))
    });
    let (position, stage) = baking.last()?;
    let asked = entries.blueprint().stages.get(stage)?.share;
    if asked.fraction() < 0.5 {
        return None;
    }
    let text = format!("It was noticed only at {}", share(asked));
    let what = format!(
        "stage it finer: ripcord plan {} --measure --power says what each stage can see",
        entries.release
    );
    let why = Cited::at(text, [position, entries.created.position]);
    Some(part("the stages", why, Suggestion::Stage, what))
}

fn slow(step: &WayBackStep, why: Cited) -> Improvement {
    let (kind, what) = match &step.action {
        WayBackAction::FlagOff { .. } => (
            Suggestion::Automate,
            "let the flag service answer faster, or give the step the time it needs in the plan",
        ),
        WayBackAction::TrafficToLastGood => (
            Suggestion::Flag,
            "put the change behind a flag, so that the bleeding stops before traffic moves",
        ),
        WayBackAction::WithdrawCandidate => (
            Suggestion::Automate,
            "shorten how long open requests may last, or give the step the time it needs",
        ),
        WayBackAction::UndoMigration { .. } => {
            (Suggestion::SplitMigration, "split the migration, so that each part is undone quickly")
        }
        WayBackAction::RestoreData { .. } => {
            (Suggestion::Stage, "stage it: change less data at once, or keep the old beside the new")
        }
        WayBackAction::VerifyRecovery => {
            (Suggestion::Rehearse, "rehearse it under production's load, and give recovery the time it needs")
        }
    };
    part(&step.id, why, kind, what)
}

fn walked(entries: &Entries, episode: &Episode<'_>, found: &mut Vec<Improvement>) {
    for placed in &episode.facts {
        let Some(event) = placed.event() else { continue };
        let at = [placed.position];
        if let Event::Stuck { step, reason, .. } = event {
            let why = Cited::at(format!("{step} failed: {reason}"), at);
            let what =
                "rehearse this step with what failed, and write into the runbook what a person does then";
            found.push(part(step, why, Suggestion::Rehearse, what));
        }
        if let Event::BackStepSkipped { step, why } = event {
            let why = Cited::at(format!("{step} was left out: {why}"), at);
            found.push(part(
                step,
                why,
                Suggestion::Rehearse,
                "rehearse it, so that nobody has to leave it out",
            ));
        }
        if let Event::BackStepPostponed { step, reason } = event {
            let why = Cited::at(format!("{step} had to give way: {reason}"), at);
            found.push(part(step, why, Suggestion::Rehearse, "find out why it failed, then rehearse it"));
        }
        if let Event::BackStepApproved { step } = event {
            let why = Cited::at(format!("{step} waited for {} to approve it", placed.by), at);
            let what = "have the approver there before the release, or split the change so that nobody has to approve";
            found.push(part(step, why, Suggestion::Automate, what));
        }
        if matches!(event, Event::OfflineRollback { .. }) {
            let why = Cited::at("The way back was walked without the server", at);
            found.push(part("the control plane", why, Suggestion::Automate, "find out why it was gone"));
        }
    }
    longer_than_rehearsed(entries, episode, found);
}

fn longer_than_rehearsed(entries: &Entries, episode: &Episode<'_>, found: &mut Vec<Improvement>) {
    let rehearsed = rehearsed_before(entries, episode.decided.position);
    let (Some((entry, expected)), Some(recovered)) = (rehearsed, episode.recovered()) else { return };
    let took = episode.since_decision(recovered);
    if took.as_ms() > expected.as_ms().saturating_mul(3) / 2 {
        let text = format!("Going back took {}, {} were rehearsed", took.human(), expected.human());
        let why = Cited::at(text, [episode.decided.position, recovered.entry, entry]);
        let what = "find the step that differs, make staging more like production there, and rehearse again";
        found.push(part("the way back", why, Suggestion::Rehearse, what));
    }
}

/// What was let through although it was not good.
fn accepted(entries: &Entries, report: &Report) -> Vec<Improvement> {
    let overridden = entries.papers().filter_map(|(placed, paper)| {
        let Paper::CheckOverridden(overridden) = paper else { return None };
        let why = format!("{} was overridden by {}: {}", overridden.check, placed.by, overridden.reason);
        let what = format!("mend it, so that {} passes without anybody's word", overridden.check);
        Some(part(&overridden.check, Cited::at(why, [placed.position]), Suggestion::Mend, what))
    });
    let mut found: Vec<Improvement> = overridden.collect();
    let newest = report.gate.last().filter(|answer| !answer.opened);
    for check in newest.iter().flat_map(|answer| &answer.checks).filter(|check| is_open(check.status)) {
        let entry = newest.map_or(report.created, |answer| answer.at.entry);
        let why = Cited::at(format!("{} keeps the gate closed: {}", check.check, check.reason), [entry]);
        let what = format!("mend it; ripcord gate {} says how", report.release);
        found.push(part(&check.check, why, Suggestion::Mend, what));
    }
    found
}

const fn is_open(status: CheckStatus) -> bool {
    match status {
        CheckStatus::Fail | CheckStatus::Unknown => true,
        CheckStatus::Pass | CheckStatus::Overridden => false,
    }
}
