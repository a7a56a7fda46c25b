//! What was planned: the plan, its stages, how far it can be undone, who decides by what.

use ripcord_model::{
    Reversibility,
    blueprint::{Harm, MatrixRow, Rehearsed},
};

use crate::{
    cited::Cited,
    document::Block,
    report::{Moment, Report},
    words::{instant, list, share},
};

/// The release plan.
pub(super) fn plan(report: &Report) -> Vec<Block> {
    let rows = report.plan.changes.iter().map(|change| {
        let back = match (change.level, change.budget) {
            (Some(level), Some(budget)) => format!("{level}, at most {}", budget.human()),
            (Some(level), None) => level.to_string(),
            (None, _) => "none".to_owned(),
        };
        let cells = vec![
            change.id.clone(),
            change.class.clone(),
            change.summary.clone(),
            back,
            change.owner.to_string(),
        ];
        (cells, vec![report.created])
    });
    let header = vec!["change", "class", "what", "way back", "owner"];
    vec![
        Block::List(report.plan.facts.clone()),
        Block::Subheading("Changes".to_owned()),
        Block::Table { header, rows: rows.collect() },
    ]
}

/// The stage schedule.
pub(super) fn stages(report: &Report) -> Vec<Block> {
    let at =
        |moment: Option<Moment>| moment.map_or_else(|| "not reached".to_owned(), |moment| instant(moment.at));
    let rows = report.stages.iter().map(|stage| {
        let lasted = stage.in_force.zip(stage.left).map(|(from, to)| to.at.since(from.at).human());
        let cells = vec![
            share(stage.share),
            stage.dwell.human(),
            stage.min_requests.to_string(),
            at(stage.in_force),
            lasted.unwrap_or_else(|| "–".to_owned()),
        ];
        let moments = stage.in_force.into_iter().chain(stage.left).map(|moment| moment.entry);
        (cells, Cited::at("", moments.chain([report.created])).entries)
    });
    let header = vec!["share", "at least", "requests at least", "in force", "lasted"];
    vec![Block::Table { header, rows: rows.collect() }]
}

/// The reversibility matrix.
pub(super) fn matrix(report: &Report) -> Vec<Block> {
    let rehearsed: Vec<u64> =
        report.rehearsals.iter().filter(|note| note.failed.is_none()).map(|note| note.entry).collect();
    let rows = report.matrix.rows.iter().map(|row| {
        let cited = Cited::at("", rehearsed.iter().copied().chain([report.created])).entries;
        (matrix_row(row), cited)
    });
    let header = vec!["change", "class", "undone", "level", "if not", "rehearsed"];
    let mut blocks = vec![Block::Table { header, rows: rows.collect() }];
    let reviewer = if report.matrix.reviewer { "; an additional reviewer must approve it" } else { "" };
    let one_way = if report.matrix.one_way { ", and part of it has no way back" } else { "" };
    let text = format!("The release goes back at level {}{one_way}{reviewer}", report.matrix.level);
    blocks.push(Block::Paragraph(Cited::at(text, [report.created])));
    let accepted = report.matrix.rows.iter().filter_map(|row| {
        let risk = row.accepted_risk.as_ref()?;
        Some(Cited::at(format!("{}: accepted by {}: {}", row.change, risk.by, risk.reason), [report.created]))
    });
    let accepted: Vec<Cited> = accepted.collect();
    if !accepted.is_empty() {
        blocks.push(Block::List(accepted));
    }
    blocks
}

fn matrix_row(row: &MatrixRow) -> Vec<String> {
    let undone = match row.reversibility {
        Reversibility::Reversible => "yes",
        Reversibility::Partial => "partly",
        Reversibility::OneWay => "no",
    };
    let rehearsed = match row.rehearsed {
        Rehearsed::Yes => "yes",
        Rehearsed::No => "no",
        Rehearsed::Nothing => "nothing to rehearse",
        Rehearsed::Unknown => "not known",
    };
    vec![
        row.change.clone(),
        row.class.word().to_owned(),
        undone.to_owned(),
        row.level.map_or_else(|| "none".to_owned(), |level| level.to_string()),
        row.containment.clone().unwrap_or_else(|| "–".to_owned()),
        rehearsed.to_owned(),
    ]
}

/// The decision sheet.
pub(super) fn decisions(report: &Report) -> Vec<Block> {
    let mut blocks = Vec::new();
    if report.decisions.rules.is_empty() {
        blocks.push(Block::says("No signal has a rule; `signals` in the service's file would bring them."));
    } else {
        let rows = report.decisions.rules.iter().map(|row| {
            let harm = match row.harm {
                Harm::User => "users",
                Harm::System => "systems",
                Harm::Business => "business",
            };
            let cells = vec![row.signal.clone(), harm.to_owned(), row.leads_to.clone(), row.rule.clone()];
            (cells, vec![report.created])
        });
        let header = vec!["signal", "hurts", "leads to", "when"];
        blocks.push(Block::Table { header, rows: rows.collect() });
    }
    blocks.push(Block::Subheading("Who decides".to_owned()));
    blocks.push(Block::List(report.decisions.people.clone()));
    let roles = report.plan.changes.iter().flat_map(|change| &change.trigger_by);
    let roles: std::collections::BTreeSet<&String> = roles.collect();
    if !roles.is_empty() {
        let text = format!("Who may trigger it, {}, types this", list(roles));
        blocks.push(Block::Paragraph(Cited::at(text, [report.created])));
        blocks.push(Block::Commands(vec![format!(
            "ripcord rollback {} --why \"what you see\"",
            report.release
        )]));
    }
    blocks
}
