//! `ripcord cancel`: gives up a release before it touches production.

use ripcord_engine::Command;
use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::Exit,
    host::Desk,
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
    // A release that is blocked at the gate of a `ship` that has ended must not need a server to be given up.
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let answered = desk.client.command(&arguments.release, Command::Cancel { why }).await;
        desk.close().await;
        let status = answered.map_err(|error| desk::failure(context, error))?;
        desk::show(context, &status);
        Ok(Exit::Done)
    })
}
