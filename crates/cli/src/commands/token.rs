//! `ripcord token`: what people, agents and pipelines come in with.

mod create;
mod list;
mod revoke;

use super::Ended;
use crate::context::Context;

/// Arguments of `ripcord token`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

const AFTER_HELP: &str = "\
A token stands for its user and opens what they may, or less. It is shown once, expires,
and can be revoked; the server keeps its SHA-256 only.

Examples:
  ripcord token create lea
  ripcord token create release-bot --role viewer --for \"nightly report\" --expires 30d
  RIPCORD_TOKEN=ripcord_… ripcord status --server http://127.0.0.1:7717
  ripcord token revoke 3f9c0a1b2c4d";

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a token for somebody who is set up
    Create(create::Arguments),
    /// Show all tokens, without their secrets
    List,
    /// Take a token back
    Revoke(revoke::Arguments),
}

/// Runs the command that was asked for.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    match arguments.what {
        What::Create(arguments) => create::run(context, arguments),
        What::List => list::run(context),
        What::Revoke(arguments) => revoke::run(context, arguments),
    }
}
