//! `ripcord postmortem`: what is owed for overrides.

pub mod close;
pub mod list;
pub mod show;

use super::Ended;
use crate::context::Context;

/// Arguments of `ripcord postmortem`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List post-mortems: open ones first, with who writes them and when they are due
    List(list::Arguments),
    /// Show one: what was overridden, by whom, why, and where its page is
    Show(show::Arguments),
    /// Close one with the page that was written
    Close(close::Arguments),
}

/// Does what was asked for.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    match arguments.command {
        Command::List(arguments) => list::run(context, arguments),
        Command::Show(arguments) => show::run(context, arguments),
        Command::Close(arguments) => close::run(context, arguments),
    }
}
