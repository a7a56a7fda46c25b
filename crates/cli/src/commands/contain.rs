//! `ripcord contain`: a person stops the bleeding, and the release stays where it is.

use ripcord_engine::Command;
use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
};

/// Arguments of `ripcord contain`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// What you see, for the record
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

const AFTER_HELP: &str = "\
Traffic leaves the candidate, flags go off; versions and data stay until a person
decides to promote or to roll back.

Example:
  ripcord contain exam-submit-v2 --why \"scores look wrong, cause unknown\"";

/// Sends the command and shows where the release is afterwards.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let why = context.reason(arguments.why, "Why contain?")?;
    desk::send(context, &arguments.release, Command::Contain { why })
}
