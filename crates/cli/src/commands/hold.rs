//! `ripcord hold`: a person stops forward motion.

use ripcord_engine::Command;
use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
};

/// Arguments of `ripcord hold`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// Why it should wait, for the record
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

const AFTER_HELP: &str = "\
The share of traffic stays where it is; the way back stays open.

Example:
  ripcord hold exam-submit-v2 --why \"exam in progress until noon\"";

/// Sends the command and shows where the release is afterwards.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let why = context.reason(arguments.why, "Why hold?")?;
    desk::send(context, &arguments.release, Command::Hold { why })
}
