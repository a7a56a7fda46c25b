//! The command line: a file per command, and everything people read in a terminal.
//!
//! Owns: arguments, wording, exit status, the live screen, the demo. Refuses to know: when a release advances or
//! goes back; that is the engine's, told by the server.
//!
//! Invariant: nothing heavy runs before the arguments are read, so `--help` answers at once.

pub mod failure;
pub mod render;
pub mod screen;
pub mod surroundings;

use std::process::ExitCode;

/// Reads the arguments, runs the command, and says how it ended by the exit status.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
