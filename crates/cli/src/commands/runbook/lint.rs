//! `ripcord runbook lint`: runbooks alone, also where there is no `ripcord.yaml`.

use std::path::PathBuf;

use ripcord_model::read_service;
use ripcord_runbook::{lint, read_runbook};

use crate::{
    commands::{Ended, lint::Reading},
    context::Context,
    failure::CommandError,
    files,
};

/// Arguments of `ripcord runbook lint`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Files or directories [default: runbooks/*.md]
    paths: Vec<PathBuf>,
}

const AFTER_HELP: &str = "\
Signals and environments are looked up in ripcord.yaml where there is one. `ripcord lint`
checks plans, runbooks and what one says of the other. Exit status 1 when there is an error;
warnings alone do not fail.

Examples:
  ripcord runbook lint
  ripcord runbook lint runbooks/exam-submit.md --json";

/// Reads the runbooks and reports.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let root = context.root().or_else(|_| context.new_root())?;
    let mut names = Vec::new();
    if arguments.paths.is_empty() {
        names.extend(files::runbooks(&root));
    }
    for path in &arguments.paths {
        if path.is_dir() {
            let below = files::shown(&root, path);
            names.extend(files::markdown(path).map(|name| below.join(name).display().to_string()));
        } else if path.is_file() {
            names.push(files::shown(&root, path).display().to_string());
        } else {
            return Err(CommandError::refused("no-such-file", format!("there is no {}", path.display())));
        }
    }
    if names.is_empty() {
        let message = format!("there are no runbooks in {}", root.join(files::RUNBOOKS).display());
        return Err(CommandError::refused("no-runbooks", message).hinted("ripcord init   writes a first one"));
    }
    let mut reading = Reading::default();
    let service = files::read(&root, files::SERVICE).ok().and_then(|source| read_service(&source).ok());
    for name in &names {
        if let Some(source) = reading.source_of(&root, name) {
            match read_runbook(&source) {
                Ok(runbook) => reading.found.append(lint(&runbook, service.as_ref())),
                Err(found) => reading.found.append(found),
            }
            reading.sources.push(source);
        }
    }
    let found = std::mem::take(&mut reading.found).sorted();
    Ok(reading.report(context, &found, names.len()))
}
