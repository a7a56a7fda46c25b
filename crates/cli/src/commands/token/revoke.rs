//! `ripcord token revoke`.

use ripcord_people::TokenId;

use crate::{commands::Ended, context::Context, desk, failure::Exit, host::Desk, render};

/// Arguments of `ripcord token revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Its id, as `ripcord token list` shows it
    id: TokenId,
}

const AFTER_HELP: &str = "\
It opens nothing from now on. A request that is under way is still answered.

Example:
  ripcord token revoke 3f9c0a1b2c4d";

/// Takes a token back.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { id } = arguments;
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let tokens = desk.client.revoke_token(&id).await;
        desk.close().await;
        let tokens = tokens.map_err(|error| desk::failure(context, error))?;
        let value = serde_json::to_value(&tokens).expect("tokens are plain data");
        let text =
            format!("{id} opens nothing any more.\n\n{}", render::people::tokens(&tokens, &context.look));
        context.answer(&value, &text);
        Ok(Exit::Done)
    })
}
