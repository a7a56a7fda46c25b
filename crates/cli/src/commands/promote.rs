//! `ripcord promote`: a person lets a release go on.

use ripcord_engine::Command;
use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
};

/// Arguments of `ripcord promote`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// Why it may go on, for the record
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

const AFTER_HELP: &str = "\
Example:
  ripcord promote exam-submit-v2 --why \"support has no calls\"";

/// Sends the command and shows where the release is afterwards.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let why = context.reason(arguments.why, "Why may it go on?")?;
    desk::send(context, &arguments.release, Command::Promote { why })
}
