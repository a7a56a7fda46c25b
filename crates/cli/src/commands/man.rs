//! `ripcord man`: manual pages, made from the same description as `--help`.

use std::path::PathBuf;

use clap::CommandFactory as _;

use super::Ended;
use crate::{
    context::Context,
    failure::{CommandError, Exit},
};

/// Arguments of `ripcord man`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Where to write them; created when missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

const AFTER_HELP: &str = "\
Example:
  ripcord man --out ~/.local/share/man/man1 && man ripcord-rollback";

/// Writes one page per command.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let out = arguments.out;
    let failed = |error: std::io::Error| {
        CommandError::refused("not-written", format!("the pages cannot be written to {}", out.display()))
            .because(error)
    };
    std::fs::create_dir_all(&out).map_err(failed)?;
    clap_mangen::generate_to(crate::arguments::Arguments::command(), &out).map_err(failed)?;
    let text = format!("Manual pages are in {}\n", out.display());
    context.answer(&serde_json::json!({ "out": out }), &text);
    Ok(Exit::Done)
}
