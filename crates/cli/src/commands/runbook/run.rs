//! `ripcord runbook run`: step by step, timed and written down; also with no server.

use std::{path::PathBuf, sync::Arc};

use ripcord_model::{EnvironmentName, ReleaseName};
use ripcord_runbook::execution::{FORMAT, Header};
use ripcord_runner::{journal::Journal, ready};

use super::show;
use crate::{
    commands::Ended,
    context::{Context, release_name},
    failure::Exit,
    render,
    running::{Session, Shared, not_opened, refused},
    surroundings,
};

/// Arguments of `ripcord runbook run`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The runbook's file
    file: PathBuf,
    /// Where it runs [default: production]
    #[arg(long, value_name = "NAME")]
    environment: Option<EnvironmentName>,
    /// The release that goes back
    #[arg(long, value_parser = release_name)]
    release: Option<ReleaseName>,
    /// Show what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    shared: Shared,
}

const AFTER_HELP: &str = "\
Every step is in the journal (.ripcord/runbooks/NAME-1.jsonl) before it begins. Questions are
answered by typing, at a terminal; there is no option that answers them. Exit status 0 when all
is done, 1 when it was refused or needs a person who is not there, 4 when a step failed.

Examples:
  ripcord runbook run runbooks/exam-submit.md --release exam-submit-v2
  ripcord runbook run runbooks/exam-submit.md --dry-run
  ripcord runbook run runbooks/exam-submit.md --from restore-point --reason \"flag is off already\"";

/// Runs the runbook.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { file, environment, release, dry_run, shared } = arguments;
    let runbook = Arc::new(show::read(context, &file)?);
    let session = Session::new(context, release.clone(), environment)?;
    let started_at = surroundings::now();
    let options = session.options(&runbook, started_at, &shared, &[])?;
    if dry_run {
        let (value, text) = render::run::dry_run(&runbook, &options, &context.look);
        context.answer(&value, &text);
        return Ok(Exit::Done);
    }
    let header = Header {
        format: FORMAT,
        run: String::new(),
        runbook: runbook.name.value.clone(),
        path: runbook.path.clone(),
        hash: runbook.hash.clone(),
        executed: runbook.executed.clone(),
        started_at,
        by: session.by().clone(),
        environment: session.environment(),
        release,
    };
    ready(&runbook, &header, &options).map_err(refused)?;
    let journal = Journal::begin(session.state(), &runbook.name, |run| Header { run, ..header });
    session.execute(runbook, journal.map_err(not_opened)?, options)
}
