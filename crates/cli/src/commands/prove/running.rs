//! The proof itself, with progress on standard error.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use ripcord_migrations::{Range, Set};
use ripcord_prove::{
    Job, Journal, Postgres, PostgresOptions, Progress, Proof, ProveError, Scratch, ScratchError, Sqlite,
    prove as run,
};

use super::{Arguments, On, about};
use crate::{context::Context, failure::CommandError, output};

/// Proves a range of a set on scratch databases of the kind that was asked for.
pub(super) fn prove(
    context: &Context,
    arguments: &Arguments,
    set: &Set,
    range: Range,
) -> Result<Proof, CommandError> {
    match arguments.on {
        On::Sqlite if arguments.copy_of.is_some() => {
            Err(CommandError::usage("--copy-of is for PostgreSQL; an SQLite file is named with --dump"))
        }
        On::Sqlite => {
            let limit = arguments.limit.to_std();
            walk(context, arguments, set, range, || Sqlite::start(arguments.sqlite_file(), limit))
        }
        On::Postgres => {
            let options = PostgresOptions {
                bin: arguments.postgres_bin.clone(),
                source: arguments.source(),
                superuser: arguments.superuser,
                limit: arguments.limit.to_std(),
            };
            walk(context, arguments, set, range, || Postgres::start(options.clone()))
        }
    }
}

fn walk<S: Scratch>(
    context: &Context,
    arguments: &Arguments,
    set: &Set,
    range: Range,
    scratch: impl Fn() -> Result<S, ScratchError> + Sync,
) -> Result<Proof, CommandError> {
    let source = arguments.source().describe();
    let journal = arguments
        .journal
        .as_ref()
        .map(|path| Journal::open(path, &about(&source, arguments, set, range)))
        .transpose()
        .map_err(|error| failed(ProveError::from(error)))?;
    let held = if arguments.has_data() { range.first } else { 0 };
    let job = Job { set, range, held, jobs: usize::from(arguments.jobs), source };
    let bar = bar(context, range.end - range.first);
    let proof = run(&job, scratch, journal, |progress| show(context, &bar, progress));
    bar.finish_and_clear();
    proof.map_err(failed)
}

fn bar(context: &Context, count: usize) -> ProgressBar {
    if context.json {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len}  {elapsed}  {msg}");
    let bar = ProgressBar::new(u64::try_from(count).unwrap_or(u64::MAX));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A bar on a terminal; off one, a plain line for each verdict.
fn show(context: &Context, bar: &ProgressBar, progress: Progress) {
    let Progress::Proven { done, of, trial } = progress;
    bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    bar.set_message(trial.version.clone());
    if !context.json && !std::io::stderr().is_terminal() {
        output::error(&format!("{done}/{of} {} {}\n", trial.version, trial.verdict.as_str()));
    }
}

fn failed(error: ProveError) -> CommandError {
    let code = match &error {
        ProveError::Scratch(_) => "no-scratch-database",
        ProveError::Journal(_) => "journal",
    };
    let failed = CommandError::refused(code, format!("nothing is proven: {error}"));
    match std::error::Error::source(&error) {
        Some(source) => {
            let source = source.to_string();
            failed.because(source)
        }
        None => failed,
    }
}
