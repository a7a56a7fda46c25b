//! `ripcord runbook`: pages that people read and Ripcord executes.

pub mod lint;
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
}

/// Runs what was asked for.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    match arguments.command {
        Command::Lint(arguments) => lint::run(context, arguments),
        Command::Show(arguments) => show::run(context, arguments),
    }
}
