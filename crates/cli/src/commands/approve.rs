//! `ripcord approve`: a named person agrees to a step of the way back.

use ripcord_engine::Command;
use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
};

/// Arguments of `ripcord approve`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// The step, as `ripcord status` names it
    step: String,
}

const AFTER_HELP: &str = "\
Steps of level migration and data wait until an approver, who is not the owner of the
release, has agreed.

Example:
  ripcord approve exam-submit-v2 undo-attempts";

/// Sends the command and shows where the release is afterwards.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    desk::send(context, &arguments.release, Command::Approve { step: arguments.step })
}
