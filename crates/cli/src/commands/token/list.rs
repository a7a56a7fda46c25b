//! `ripcord token list`.

use crate::{commands::Ended, context::Context, desk, failure::Exit, host::Desk, render};

/// Shows all tokens, without their secrets.
pub fn run(context: &Context) -> Ended {
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let tokens = desk.client.tokens().await;
        desk.close().await;
        let tokens = tokens.map_err(|error| desk::failure(context, error))?;
        let value = serde_json::to_value(&tokens).expect("tokens are plain data");
        context.answer(&value, &render::people::tokens(&tokens, &context.look));
        Ok(Exit::Done)
    })
}
