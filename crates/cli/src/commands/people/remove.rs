//! `ripcord people remove`.

use ripcord_model::Person;

use crate::{commands::Ended, context::Context, desk, host::Desk};

/// Arguments of `ripcord people remove`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Who
    name: Person,
}

const AFTER_HELP: &str = "\
Their tokens are revoked with it. What they did stays on record under their name.

Example:
  ripcord people remove tom";

/// Lets somebody go.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { name } = arguments;
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let everybody = desk.client.remove_person(&name).await;
        desk.close().await;
        let everybody = everybody.map_err(|error| desk::failure(context, error))?;
        Ok(super::show(context, &format!("{name} is removed, and their tokens are revoked.\n\n"), &everybody))
    })
}
