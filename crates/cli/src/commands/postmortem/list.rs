//! `ripcord postmortem list`.

use crate::{commands::Ended, context::Context, desk, failure::Exit, host::Desk, render, surroundings};

/// Arguments of `ripcord postmortem list`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Closed ones, too
    #[arg(long)]
    all: bool,
}

const AFTER_HELP: &str = "\
Pages that could not be written before are written now.

Examples:
  ripcord postmortem list
  ripcord postmortem list --all --json";

/// Lists them.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let found = desk.client.post_mortems().await;
        desk.close().await;
        let mut found = found.map_err(|error| desk::failure(context, error))?;
        found.retain(|state| arguments.all || state.post_mortem.is_open());
        found.sort_by_key(|state| (!state.post_mortem.is_open(), state.post_mortem.due));
        let value = serde_json::to_value(&found).expect("post-mortems are plain data");
        context.answer(&value, &render::postmortem::list(&found, surroundings::now(), &context.look));
        Ok(Exit::Done)
    })
}
