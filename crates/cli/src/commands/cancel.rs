//! `ripcord cancel`: gives up a release before it touches production.

use ripcord_engine::Command;
use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
};

/// Arguments of `ripcord cancel`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

const AFTER_HELP: &str = "\
After production was touched the only ways are forward, contain or back.

Example:
  ripcord cancel exam-submit-v2 --why \"superseded by v3\"";

/// Sends the command and shows where the release is afterwards.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let why = context.reason(arguments.why, "Why give it up?")?;
    desk::send(context, &arguments.release, Command::Cancel { why })
}
