//! `ripcord runbook resume`: go on with a run that was left, failed or was killed.

use std::sync::Arc;

use ripcord_runbook::{StepId, execution::Choice};
use ripcord_runner::journal::{Journal, latest};

use super::show;
use crate::{
    commands::Ended,
    context::Context,
    failure::CommandError,
    output,
    running::{Session, Shared, not_opened, state, step_id},
    surroundings,
};

/// Arguments of `ripcord runbook resume`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The run, as `exam-submit-1` [default: the one that was begun last]
    run: Option<String>,
    /// Do a failed or interrupted step again, with --reason
    #[arg(long, value_name = "STEP", value_parser = step_id, requires = "reason")]
    again: Vec<StepId>,
    /// You have looked: a failed or interrupted step has been done, with --reason
    #[arg(long, value_name = "STEP", value_parser = step_id, requires = "reason", conflicts_with = "again")]
    done: Vec<StepId>,
    #[command(flatten)]
    shared: Shared,
}

const AFTER_HELP: &str = "\
A step that was under way when its runner was killed is done again when it is idempotent.
Otherwise somebody has to look first: at a terminal you are asked, elsewhere the run ends and
says what to type. Whatever the killed runner had started is ended before anything is done.

Examples:
  ripcord runbook resume
  ripcord runbook resume exam-submit-1 --again flag-off --reason \"the flag service is back\"
  ripcord runbook resume exam-submit-1 --done restore --reason \"I looked: it is restored\"";

/// Goes on with the run.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { run, again, done, shared } = arguments;
    let state = state(context)?;
    let run = match run {
        Some(run) => run.trim_end_matches(".jsonl").to_owned(),
        None => latest(&state).map(|header| header.run).ok_or_else(none)?,
    };
    let opened = Journal::open(&state, &run, context.actor()?, surroundings::now()).map_err(not_opened)?;
    if opened.was_torn && !context.json {
        output::line(
            "The last line of the journal was cut off and is left out; what it announced had not begun.",
        );
    }
    let header = opened.journal.header().clone();
    let root = context.root().or_else(|_| context.new_root())?;
    let runbook = Arc::new(show::read(context, &root.join(&header.path))?);
    let session = Session::new(context, header.release, header.environment)?;
    let again = again.into_iter().map(|step| (step, Choice::Again));
    let decided: Vec<(StepId, Choice)> =
        again.chain(done.into_iter().map(|step| (step, Choice::HasBeenDone))).collect();
    let options = session.options(&runbook, header.started_at, &shared, &decided)?;
    session.execute(runbook, opened.journal, options)
}

fn none() -> CommandError {
    CommandError::refused("no-such-run", "no runbook has been run here")
        .hinted("ripcord runbook run FILE   begins one")
}
