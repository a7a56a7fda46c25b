//! `ripcord messages`: what was told to whom about a release, what failed, what is due next.

use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::Exit,
    render,
};

/// Arguments of `ripcord messages`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
}

const AFTER_HELP: &str = "\
Who is told through what stands in ripcord.yaml: `channels:` and `audiences:`.

Examples:
  ripcord messages exam-submit-v2
  ripcord messages exam-submit-v2 --json | jq '.told[] | select(.went.is == \"failed\")'";

/// Lists them.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let client = desk::client(context)?;
    let messages = desk::runtime()?
        .block_on(client.messages(&arguments.release))
        .map_err(|error| desk::failure(context, error))?;
    let value = serde_json::to_value(&messages).expect("messages are plain data");
    context.answer(&value, &render::messages::messages(&messages, &context.look));
    Ok(Exit::Done)
}
