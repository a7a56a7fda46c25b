//! `ripcord rollback`: go back to the last good version; without a server from the blueprint file.

use ripcord_engine::Command;
use ripcord_model::{Level, ReleaseName};

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk, offline,
};

/// Arguments of `ripcord rollback`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// What you see, for the record
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// How deep: flag, deploy, migration or data [default: the plan's]
    #[arg(long, value_parser = level)]
    level: Option<Level>,
    /// Without server and ledger, from the compiled file; the record catches up later
    #[arg(long, conflicts_with_all = ["level", "server"])]
    offline: bool,
    /// With --offline, although a server answers
    #[arg(long, requires = "offline")]
    force: bool,
}

const AFTER_HELP: &str = "\
Needs no check, no approval and no open window: a freeze stops forward motion, never the
way back. Exit status 3 when it went back, 4 when it is stuck.

Examples:
  ripcord rollback exam-submit-v2 --why \"three teachers called\"
  ripcord rollback exam-submit-v2 --why \"…\" --level deploy
  ripcord rollback exam-submit-v2 --why \"…\" --offline      when the server is down";

fn level(text: &str) -> Result<Level, String> {
    Level::ALL
        .into_iter()
        .find(|level| level.word() == text || level.number().to_string() == text)
        .ok_or_else(|| "expected flag, deploy, migration or data".to_owned())
}

/// Sends the command and follows the way back to its end.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let why = context.reason(arguments.why, "Why go back?")?;
    if arguments.offline {
        return offline::rollback(context, arguments.release, why, arguments.force);
    }
    desk::send_and_follow(context, &arguments.release, Command::Rollback { why, level: arguments.level })
}
