//! What cannot be taken back is asked for first, and the answer is typed.

use ripcord_model::{ServiceFile, diagnostic::Code, lint::Report};

use crate::{Runbook, Step, StepKind};

/// Commands that destroy, as words that follow each other somewhere on a line.
const DESTRUCTIVE: [&[&str]; 22] = [
    &["rm", "-rf"],
    &["rm", "-fr"],
    &["rm", "-r"],
    &["drop", "table"],
    &["drop", "database"],
    &["drop", "schema"],
    &["drop", "column"],
    &["truncate"],
    &["delete", "from"],
    &["dropdb"],
    &["kubectl", "delete"],
    &["helm", "uninstall"],
    &["terraform", "destroy"],
    &["aws", "s3", "rm"],
    &["flushall"],
    &["flushdb"],
    &["mkfs"],
    &["dd"],
    &["shred"],
    &["wipefs"],
    &["pg_restore", "--clean"],
    &["git", "push", "--force"],
];

pub(super) fn check(runbook: &Runbook, _service: Option<&ServiceFile>, report: &mut Report<'_>) {
    let mut confirmed = false;
    for step in &runbook.steps {
        if let StepKind::Manual { confirmation: Some(_), .. } = &step.kind {
            confirmed = true;
        }
        let Some(what) = destroys(step) else { continue };
        if !confirmed {
            let message = format!("`{}` {what}, and nobody is asked before", step.id.value);
            let expected = "a `manual` fence above it with `type=\"the name of the target\"`";
            report.warning(Code::DESTROYS_UNASKED, step.id.place, message, expected);
        }
    }
}

fn destroys(step: &Step) -> Option<String> {
    match &step.kind {
        StepKind::Migrate { change } => Some(format!("undoes the migrations of `{}`", change.value)),
        StepKind::Restore { change } => Some(format!("overwrites the data of `{}`", change.value)),
        StepKind::Run(command) => {
            let found = command.script.lines().find_map(destructive)?;
            Some(format!("says `{}`", found.join(" ")))
        }
        StepKind::Manual { .. }
        | StepKind::Check(_)
        | StepKind::Flag { .. }
        | StepKind::Traffic
        | StepKind::Deploy
        | StepKind::Template(_) => None,
    }
}

fn destructive(line: &str) -> Option<&'static [&'static str]> {
    if line.trim_start().starts_with('#') {
        return None;
    }
    let lower = line.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '|' | '&' | '(' | ')' | '`'))
        .filter(|word| !word.is_empty())
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .collect();
    DESTRUCTIVE.into_iter().find(|sequence| in_order(&words, sequence))
}

/// Whether the words come in this order; others may stand between, but the first is a command or keyword.
fn in_order(words: &[&str], sequence: &[&str]) -> bool {
    let mut rest = words.iter();
    sequence.iter().all(|wanted| rest.any(|word| word == wanted))
}
