//! `ripcord runbook`: pages that people read and Ripcord executes.

pub mod approve;
pub mod lint;
pub mod resume;
pub mod run;
pub mod show;

use super::Ended;
use crate::context::Context;

/// Arguments of `ripcord runbook`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Report every mistake and every blind spot of runbooks
    Lint(lint::Arguments),
    /// Show the steps of a runbook: what each does, how long it may take, what ends it
    Show(show::Arguments),
    /// Run a runbook step by step, timed and written down; needs no server
    Run(run::Arguments),
    /// Go on with a run that was left, failed or was killed
    Resume(resume::Arguments),
    /// Agree to a step of a run that somebody else runs
    Approve(approve::Arguments),
}

/// Runs what was asked for.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    match arguments.command {
        Command::Lint(arguments) => lint::run(context, arguments),
        Command::Show(arguments) => show::run(context, arguments),
        Command::Run(arguments) => run::run(context, arguments),
        Command::Resume(arguments) => resume::run(context, arguments),
        Command::Approve(arguments) => approve::run(context, arguments),
    }
}
