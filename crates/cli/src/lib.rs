//! The command line: a file per command, and everything people read in a terminal.
//!
//! Owns: arguments, wording, exit status, the live screen, the demo. Refuses to know: when a release advances or
//! goes back; that is the engine's, told by the server.
//!
//! Invariant: nothing heavy runs before the arguments are read, so `--help` answers at once.

#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod arguments;
pub mod commands;
pub mod context;
pub mod demo;
pub mod desk;
pub mod failure;
pub mod files;
pub mod follow;
pub mod host;
pub mod logging;
pub mod offline;
pub mod output;
pub mod record;
pub mod reference;
pub mod render;
pub mod running;
pub mod screen;
pub mod surroundings;

use std::process::ExitCode;

/// Reads the arguments, runs the command, and says how it ended by the exit status.
pub fn main() -> ExitCode {
    commands::run(arguments::read())
}
