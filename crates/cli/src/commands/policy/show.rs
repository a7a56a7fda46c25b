//! `ripcord policy show`.

use crate::{commands::Ended, context::Context, desk, failure::Exit, host::Desk, render};

/// Says which rules are in force.
pub fn run(context: &Context) -> Ended {
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let standing = desk.client.policy().await;
        desk.close().await;
        let standing = standing.map_err(|error| desk::failure(context, error))?;
        let value = serde_json::to_value(&standing).expect("a standing is plain data");
        context.answer(&value, &render::people::policy(&standing));
        Ok(Exit::Done)
    })
}
