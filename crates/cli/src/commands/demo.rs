//! `ripcord demo`: all of it on this machine, on real processes and real traffic.

use std::path::PathBuf;

use super::Ended;
use crate::{
    context::Context,
    demo::run::{self, Request},
    desk,
};

/// Arguments of `ripcord demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Plain lines only, also on a terminal
    #[arg(long)]
    headless: bool,
    /// Keep files, logs and the record in this new or empty directory
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Starts an exam service, the edge, a control plane and 400 submissions per second on free
loopback ports; a good release completes, a bad one is noticed and pulled. Takes about a
minute, needs nothing, leaves nothing running. With --json the last line is the result.

Examples:
  ripcord demo
  ripcord demo --headless --json | tail -1 | jq";

/// Shows it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { headless, keep } = arguments;
    desk::runtime()?.block_on(run::run(context, Request { headless, keep }))
}
