//! `ripcord postmortem show`.

use ripcord_model::PostMortemId;

use crate::{commands::Ended, context::Context, desk, failure::Exit, host::Desk, render, surroundings};

/// Arguments of `ripcord postmortem show`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Its name, as `ripcord status` says it
    #[arg(value_name = "ID")]
    id: PostMortemId,
}

const AFTER_HELP: &str = "\
Example:
  ripcord postmortem show exam-submit-v2-1";

/// Shows it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let found = desk.client.post_mortem(&arguments.id).await;
        desk.close().await;
        let found = found.map_err(|error| desk::failure(context, error))?;
        let value = serde_json::to_value(&found).expect("a post-mortem is plain data");
        context.answer(&value, &render::postmortem::show(&found, surroundings::now(), &context.look));
        Ok(Exit::Done)
    })
}
