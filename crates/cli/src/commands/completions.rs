//! `ripcord completions`: a script that completes commands in a shell.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Ended;
use crate::{failure::Exit, output};

/// Arguments of `ripcord completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

const AFTER_HELP: &str = "\
Examples:
  ripcord completions bash > ~/.local/share/bash-completion/completions/ripcord
  ripcord completions zsh  > ~/.zfunc/_ripcord
  ripcord completions fish > ~/.config/fish/completions/ripcord.fish";

/// Prints the script.
pub fn run(arguments: Arguments) -> Ended {
    let mut command = crate::arguments::Arguments::command();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "ripcord", &mut script);
    output::raw(script);
    Ok(Exit::Done)
}
