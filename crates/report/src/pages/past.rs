//! What was done, by whom, who was told, and what to make better.

use ripcord_engine::CheckStatus;

use crate::{cited::Cited, document::Block, report::Report, words::instant};

/// The checklists.
pub(super) fn checklists(report: &Report) -> Vec<Block> {
    let mut blocks = vec![Block::says("Ticked is what the record says; nobody ticks anything by hand.")];
    for list in report.checklists.iter().filter(|list| !list.items.is_empty()) {
        blocks.push(Block::Subheading(list.title.clone()));
        blocks.push(Block::Checks(list.items.iter().map(|item| (item.done, item.said.clone())).collect()));
    }
    blocks
}

/// The answers of the gate.
pub(super) fn gate(report: &Report) -> Vec<Block> {
    if report.gate.is_empty() {
        return vec![Block::says("The gate has not answered yet; shipping the release asks it.")];
    }
    let mut blocks = Vec::new();
    for answer in &report.gate {
        let text = if answer.opened { "It opened" } else { "It stayed closed" };
        let text = format!("{text} on {}", instant(answer.at.at));
        blocks.push(Block::Paragraph(Cited::at(text, [answer.at.entry])));
        let rows = answer.checks.iter().map(|check| {
            (
                vec![word(check.status).to_owned(), check.check.clone(), check.reason.clone()],
                vec![answer.at.entry],
            )
        });
        blocks.push(Block::Table { header: vec!["answer", "check", "why"], rows: rows.collect() });
    }
    blocks
}

const fn word(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "FAIL",
        CheckStatus::Unknown => "UNKNOWN",
        CheckStatus::Overridden => "overridden",
    }
}

/// The results of validation.
pub(super) fn validation(report: &Report) -> Vec<Block> {
    if report.validation.is_empty() {
        return vec![Block::says(
            "Nothing has been validated yet: no result is on record, and neither staging nor recovery has been seen.",
        )];
    }
    vec![Block::List(report.validation.clone())]
}

/// What people decided.
pub(super) fn people(report: &Report) -> Vec<Block> {
    if report.people.is_empty() {
        return vec![Block::says(
            "No person has approved, overridden or promoted anything; that would stand here.",
        )];
    }
    vec![Block::List(report.people.clone())]
}

/// Who was told.
pub(super) fn messages(report: &Report) -> Vec<Block> {
    let mut blocks = Vec::new();
    if report.messages.is_empty() {
        blocks.push(Block::says(
            "Nobody was told anything by a channel; channels in the service's file would be used.",
        ));
    } else {
        let rows = report.messages.iter().map(|row| {
            let at = |at: Option<_>| at.map_or_else(|| "–".to_owned(), instant);
            let cells =
                vec![row.to.clone(), row.about.clone(), at(row.due), at(row.arrived), row.went.clone()];
            (cells, row.entries.clone())
        });
        let header = vec!["who", "what", "due", "arrived", "how it went"];
        blocks.push(Block::Table { header, rows: rows.collect() });
    }
    if !report.also.is_empty() {
        blocks.push(Block::Subheading("Alerts, silences, confirmations and runbooks".to_owned()));
        blocks.push(Block::List(report.also.clone()));
    }
    blocks
}

/// What to make better.
pub(super) fn retrospective(report: &Report) -> Vec<Block> {
    let mut blocks = vec![Block::Paragraph(report.headline.clone())];
    if !report.summary.is_empty() {
        blocks.push(Block::List(report.summary.clone()));
    }
    blocks.push(Block::Subheading("What to make better".to_owned()));
    if report.improve.is_empty() {
        blocks.push(Block::says("No part was slow, manual, one-way or not rehearsed."));
        return blocks;
    }
    let rows = report.improve.iter().map(|item| {
        let cells = vec![item.part.clone(), item.why.text.clone(), item.suggestion.clone()];
        (cells, item.why.entries.clone())
    });
    let header = vec!["part", "what was seen", "what to do"];
    blocks.push(Block::Table { header, rows: rows.collect() });
    blocks
}
