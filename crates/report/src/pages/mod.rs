//! Which documents there are, and what stands in them, from the report alone.
//!
//! A part with nothing in it says in one sentence what would fill it.

mod back;
mod first;
mod past;
mod planned;
mod skill;

use sha2::{Digest as _, Sha256};

use crate::{
    document::{Block, Document},
    report::Report,
};

pub use skill::skill;

/// A runbook's file as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runbook {
    /// Its path below the service's root.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The runbook, if its bytes are those that the record knows.
pub(crate) fn recorded<'r>(report: &Report, runbook: Option<&'r Runbook>) -> Option<&'r Runbook> {
    let known = report.rehearsals.iter().rev().find_map(|note| note.runbook.as_ref())?;
    let found = |runbook: &&Runbook| {
        let digest = ripcord_model::blueprint::hex(&Sha256::digest(runbook.text.as_bytes()));
        runbook.path == known.path && digest == known.sha256
    };
    runbook.filter(found)
}

/// Everything in one document.
pub fn whole(report: &Report, runbook: Option<&Runbook>) -> Document {
    let mut blocks = first::standing(report);
    for (_, title, part) in parts(report, runbook) {
        blocks.push(Block::Heading(title.to_owned()));
        blocks.extend(part);
    }
    Document { title: title(report), blocks }
}

/// The documents of a package with their paths, first page first.
pub(crate) fn package(report: &Report, runbook: Option<&Runbook>) -> Vec<(&'static str, Document)> {
    let parts = parts(report, runbook);
    let named: Vec<(&str, &str)> = parts.iter().map(|(path, title, _)| (*path, *title)).collect();
    let mut documents = vec![("README.md", first::page(report, &named, recorded(report, runbook).is_some()))];
    for (path, name, blocks) in parts {
        let title = format!("{name}: {}", report.release);
        documents.push((path, Document { title, blocks }));
    }
    documents
}

fn title(report: &Report) -> String {
    format!("Release {} of {}", report.release, report.service)
}

fn parts(report: &Report, runbook: Option<&Runbook>) -> Vec<(&'static str, &'static str, Vec<Block>)> {
    vec![
        ("release-plan.md", "Release plan", planned::plan(report)),
        ("stage-schedule.md", "Stage schedule", planned::stages(report)),
        ("reversibility-matrix.md", "Reversibility matrix", planned::matrix(report)),
        ("rollback-procedures.md", "Rollback procedures", back::procedures(report, runbook)),
        ("decision-sheet.md", "Decision sheet", planned::decisions(report)),
        ("rehearsal-notes.md", "Rehearsal notes", back::rehearsals(report)),
        ("checklists.md", "Checklists", past::checklists(report)),
        ("gate.md", "Gate", past::gate(report)),
        ("rollback-log.md", "Rollback log", back::log(report)),
        ("validation.md", "Validation", past::validation(report)),
        ("people.md", "Approvals, overrides and post-mortems", past::people(report)),
        ("messages.md", "Messages", past::messages(report)),
        ("retrospective.md", "Retrospective", past::retrospective(report)),
    ]
}
