//! `ripcord acknowledge`: the on-call person is there.

use ripcord_engine::Command;
use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
};

/// Arguments of `ripcord acknowledge`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
}

const AFTER_HELP: &str = "\
Recorded in the clock of the incident; nothing else changes.

Example:
  ripcord acknowledge exam-submit-v2";

/// Sends the command and shows where the release is afterwards.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    desk::send(context, &arguments.release, Command::Acknowledge)
}
