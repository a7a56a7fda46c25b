//! The first page: where the release stands, what is not known yet, and what else there is to read.

use crate::{
    cited::Cited,
    document::{Block, Document},
    report::Report,
    words::instant,
};

/// The answer, what is not known yet, and what happened in short.
pub(super) fn standing(report: &Report) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !report.over {
        let text = format!(
            "This release is still moving. What follows is the record as it stood on {}; not known yet: {}.",
            instant(report.as_of.at),
            report.not_known_yet.join("; ")
        );
        blocks.push(Block::Notice(Cited::at(text, [report.as_of.entry])));
    }
    blocks.push(Block::Paragraph(report.headline.clone()));
    if !report.summary.is_empty() {
        blocks.push(Block::List(report.summary.clone()));
    }
    if !report.unknown_kinds.is_empty() {
        blocks.push(Block::says(
            "The record has entries of kinds that this Ripcord does not know; a newer one can tell them:",
        ));
        let kinds = &report.unknown_kinds;
        let kinds = kinds.iter().map(|unknown| Cited::at(unknown.kind.clone(), unknown.entries.clone()));
        blocks.push(Block::List(kinds.collect()));
    }
    blocks.push(Block::says(
        "After each sentence, and in the last column of each table, stand entries of the ledger: its numbers are found there, \
         or are the time between them.",
    ));
    blocks.push(Block::Commands(vec![format!("ripcord audit show --release {}", report.release)]));
    blocks
}

/// The first page of a package.
pub(super) fn page(report: &Report, parts: &[(&str, &str)], has_runbook: bool) -> Document {
    let mut blocks = standing(report);
    blocks.push(Block::Heading("What is in this package".to_owned()));
    let mut listed: Vec<Cited> =
        parts.iter().map(|(path, title)| Cited::plain(format!("{path}: {}", title.to_lowercase()))).collect();
    listed.push(Cited::plain(
        "SKILL.md: the procedure for coding agents, with the points where a person decides",
    ));
    listed.push(Cited::plain(format!("{}.html: everything on one page that prints well", report.release)));
    listed.push(Cited::plain(format!("{}.json: the same as data", report.release)));
    if has_runbook {
        listed.push(Cited::plain("runbook.md: the runbook, byte for byte as it was rehearsed"));
    }
    blocks.push(Block::List(listed));
    Document { title: super::title(report), blocks }
}
