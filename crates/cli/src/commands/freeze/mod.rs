//! `ripcord freeze`: when forward motion stops, and when releases may begin.

pub mod list;

use super::Ended;
use crate::context::Context;

/// Arguments of `ripcord freeze`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// A calendar of coming freezes and windows
    List(list::Arguments),
}

/// Does what was asked for.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    match arguments.command {
        Command::List(arguments) => list::run(context, arguments),
    }
}
