//! The way back: how to go it, how it went in staging, how it went in production.

use ripcord_engine::BackStepState;
use ripcord_model::source::SourceFile;
use ripcord_runbook::{Step, read_runbook};

use super::{Runbook, recorded};
use crate::{
    cited::Cited,
    document::Block,
    report::{Incident, Procedure, RehearsalNote, Report},
    words::{after, instant, one_line, word},
};

/// The set of rollback procedures.
pub(super) fn procedures(report: &Report, runbook: Option<&Runbook>) -> Vec<Block> {
    let mut blocks = vec![
        Block::says(
            "What stops the bleeding comes first, whatever its level; then each level in its order; recovery is seen at \
             the end. One command goes all of it, with the server and without:",
        ),
        Block::Commands(vec![
            format!("ripcord rollback {} --why \"what you see\"", report.release),
            format!("ripcord rollback {} --why \"what you see\" --offline", report.release),
        ]),
    ];
    let written = recorded(report, runbook).map(written).unwrap_or_default();
    for procedure in &report.procedures {
        blocks.push(Block::Subheading(format!("Level {}", procedure.level)));
        blocks.push(Block::Commands(vec![format!(
            "ripcord rollback {} --level {} --why \"what you see\"",
            report.release, procedure.level
        )]));
        blocks.push(steps(report, procedure));
        let of_level: Vec<Cited> =
            written.iter().filter(|step| step.level() == Some(procedure.level)).map(in_runbook).collect();
        if !of_level.is_empty() {
            blocks.push(Block::List(of_level));
        }
    }
    let others: Vec<Cited> = written.iter().filter(|step| step.level().is_none()).map(in_runbook).collect();
    if !others.is_empty() {
        blocks.push(Block::Subheading("At no level".to_owned()));
        blocks.push(Block::List(others));
    }
    blocks.push(Block::Paragraph(runbook_sentence(report, runbook)));
    blocks
}

/// The steps of a runbook. One that cannot be read has none here; it is in the package all the same.
fn written(runbook: &Runbook) -> Vec<Step> {
    let source = SourceFile::new(runbook.path.clone(), runbook.text.clone());
    read_runbook(&source).map(|runbook| runbook.steps).unwrap_or_default()
}

fn in_runbook(step: &Step) -> Cited {
    let role = step.role.as_ref().map_or_else(String::new, |role| format!(", by {}", role.value));
    Cited::plain(format!("in the runbook: step {}{role}", step.id.value))
}

fn steps(report: &Report, procedure: &Procedure) -> Block {
    let rows = procedure.steps.iter().map(|step| {
        let approval = if step.needs_approval {
            format!("ripcord approve {} {}", report.release, word(&step.id))
        } else {
            "nobody".to_owned()
        };
        let stops = if step.stops_bleeding { "yes" } else { "no" };
        let cells = vec![step.id.clone(), step.does.clone(), step.budget.human(), stops.to_owned(), approval];
        (cells, vec![report.created])
    });
    let header = vec!["step", "afterwards", "at most", "stops the bleeding", "who must approve"];
    Block::Table { header, rows: rows.collect() }
}

fn runbook_sentence(report: &Report, runbook: Option<&Runbook>) -> Cited {
    let known = report.rehearsals.iter().rev().find_map(|note| note.runbook.as_ref());
    match (known, recorded(report, runbook)) {
        (Some(known), Some(_)) => {
            let text = format!("The runbook {} is as it was rehearsed, SHA-256 {}", known.path, known.sha256);
            Cited::at(text, [known.entry])
        }
        (Some(known), None) => {
            let text = format!(
                "The runbook {} was rehearsed with the SHA-256 {}; the file at hand is another one or is not there, so it \
                 is not part of this",
                known.path, known.sha256
            );
            Cited::at(text, [known.entry])
        }
        (None, _) => {
            Cited::plain("No runbook is on record with this release; a rehearsal records the one it walks.")
        }
    }
}

/// The rehearsal notes.
pub(super) fn rehearsals(report: &Report) -> Vec<Block> {
    if report.rehearsals.is_empty() {
        return vec![
            Block::says(
                "Nobody has rehearsed the way back, so there is no confirmed time. This would bring one:",
            ),
            Block::Commands(vec![format!("ripcord rehearse {}", report.release)]),
        ];
    }
    report.rehearsals.iter().flat_map(rehearsal).collect()
}

fn rehearsal(note: &RehearsalNote) -> Vec<Block> {
    let mut said = vec![Cited::at(
        match &note.failed {
            None => format!(
                "Confirmed in {}: {} from the decision to verified recovery, of at most {}",
                note.environment,
                note.took.human(),
                note.budget.human()
            ),
            Some(why) => format!("Not confirmed in {}: {why}", note.environment),
        },
        [note.entry],
    )];
    if note.failed.is_none() {
        let text = format!("Machines took {}, people {}", note.machine.human(), note.waited.human());
        said.push(Cited::at(text, [note.entry]));
    }
    said.push(Cited::at(format!("Asked for by {}", note.by), [note.entry]));
    said.extend(note.notes.iter().map(|text| Cited::at(text.clone(), [note.entry])));
    let mut blocks = vec![Block::Subheading(note.rehearsal.to_string()), Block::List(said)];
    if !note.steps.is_empty() {
        let rows = note.steps.iter().map(|step| {
            let cells = vec![
                step.id.clone(),
                step.level.to_string(),
                ended(step.state).to_owned(),
                step.took.human(),
                step.waited.human(),
                step.budget.human(),
            ];
            (cells, vec![note.entry])
        });
        let header = vec!["step", "level", "ended", "machine", "people", "at most"];
        blocks.push(Block::Table { header, rows: rows.collect() });
    }
    blocks
}

const fn ended(state: BackStepState) -> &'static str {
    match state {
        BackStepState::Waiting => "not begun",
        BackStepState::Approval => "waiting for its approver",
        BackStepState::Running => "under way",
        BackStepState::Done => "done",
        BackStepState::Skipped => "left out",
        BackStepState::Failed => "failed",
    }
}

/// The rollback log with the incident clock.
pub(super) fn log(report: &Report) -> Vec<Block> {
    if report.incidents.is_empty() {
        return vec![Block::says(
            "Nothing was pulled or contained; a decision to go back would begin this log.",
        )];
    }
    report.incidents.iter().flat_map(incident).collect()
}

fn incident(incident: &Incident) -> Vec<Block> {
    let mut blocks = vec![
        Block::Paragraph(incident.cause.clone()),
        Block::Paragraph(incident.outcome.clone()),
        Block::Subheading("Clock".to_owned()),
    ];
    let rows = incident
        .clock
        .iter()
        .map(|row| (vec![row.what.clone(), instant(row.at), after(row.after)], row.entries.clone()));
    let header = vec!["what", "when", "after"];
    blocks.push(Block::Table { header, rows: rows.collect() });
    blocks.push(Block::List(incident.measured.clone()));
    if !incident.steps.is_empty() {
        blocks.push(Block::Subheading("Steps".to_owned()));
        let rows = incident.steps.iter().map(|row| {
            let took = row.took.map_or_else(|| "–".to_owned(), |took| took.human());
            (vec![row.step.clone(), row.ended.clone(), took, row.budget.human()], row.entries.clone())
        });
        let header = vec!["step", "ended", "took", "at most"];
        blocks.push(Block::Table { header, rows: rows.collect() });
    }
    blocks.push(Block::Subheading("Fact by fact".to_owned()));
    let rows = incident
        .log
        .iter()
        .map(|row| (vec![instant(row.at), row.by.to_string(), one_line(&row.what)], vec![row.entry]));
    let header = vec!["when", "who", "what"];
    blocks.push(Block::Table { header, rows: rows.collect() });
    blocks
}
