//! `ripcord runbook show`: what a runbook would do, step by step.

use std::path::PathBuf;

use ripcord_runbook::{ExecutedStep, Runbook, read_runbook};

use crate::{
    commands::Ended,
    context::Context,
    failure::{CommandError, Exit},
    files, render,
};

/// Arguments of `ripcord runbook show`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The runbook's file
    file: PathBuf,
}

const AFTER_HELP: &str = "\
Runs nothing. The hash of the file and the hash of what it executes are those that rehearsals
and journals name.

Examples:
  ripcord runbook show runbooks/exam-submit.md
  ripcord runbook show runbooks/exam-submit.md --json | jq -r '.steps[].does.step'";

/// Reads the runbook and shows it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let runbook = read(context, &arguments.file)?;
    context.answer(&json(&runbook), &render::runbook::runbook(&runbook, &context.look));
    Ok(Exit::Done)
}

/// A runbook, read; otherwise its mistakes are the failure.
pub fn read(context: &Context, file: &std::path::Path) -> Result<Runbook, CommandError> {
    if !file.is_file() {
        return Err(CommandError::refused("no-such-file", format!("there is no {}", file.display())));
    }
    let root = context.root().or_else(|_| context.new_root())?;
    let shown = files::shown(&root, file).display().to_string();
    let source = files::source(&root, &shown)?;
    read_runbook(&source).map_err(|found| files::invalid(&found, &[&source], &context.look))
}

fn json(runbook: &Runbook) -> serde_json::Value {
    let steps: Vec<serde_json::Value> = runbook
        .steps
        .iter()
        .enumerate()
        .map(|(position, step)| {
            serde_json::json!({
                "number": position + 1,
                "title": step.title,
                "line": step.place.line,
                "does": ExecutedStep::from(step),
            })
        })
        .collect();
    let templates: Vec<serde_json::Value> = runbook
        .templates
        .iter()
        .map(|template| {
            serde_json::json!({
                "channel": template.channel.value,
                "status": template.status.as_ref().map(|status| &status.value),
                "text": template.text.value,
                "line": template.place.line,
            })
        })
        .collect();
    serde_json::json!({
        "runbook": runbook.name.value,
        "path": runbook.path,
        "owner": runbook.owner.value,
        "trigger": runbook.trigger.as_ref().map(|trigger| trigger.to_string()),
        "budget": runbook.budget.value,
        "access": runbook.access.iter().map(|access| &access.value).collect::<Vec<_>>(),
        "rehearse": runbook.rehearse.as_ref().map(|rehearse| serde_json::json!({
            "in": rehearse.environment.value,
            "every": rehearse.every.value,
        })),
        "hash": runbook.hash,
        "executed": runbook.executed,
        "steps": steps,
        "templates": templates,
    })
}
