//! `ripcord token create`.

use ripcord_model::{Duration, Person};
use ripcord_people::{Role, Scope};
use ripcord_server::api::NewToken;

use crate::{commands::Ended, context::Context, desk, failure::Exit, host::Desk, render};

/// Arguments of `ripcord token create`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// As whom its holder acts
    name: Person,
    /// Narrow it to this role of theirs; once per role [default: all of theirs]
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Role>,
    /// Narrow it to this scope of theirs; once per scope [default: all of theirs]
    #[arg(long = "scope", value_name = "SCOPE", conflicts_with = "no_scope")]
    scopes: Vec<Scope>,
    /// Narrow it to no scope
    #[arg(long)]
    no_scope: bool,
    /// What it is for, to know it again in the list
    #[arg(long = "for", value_name = "TEXT")]
    purpose: Option<String>,
    /// How long it opens something; a year at most
    #[arg(long, value_name = "DURATION", default_value = "90d")]
    expires: Duration,
}

const AFTER_HELP: &str = "\
The token is shown this once. Hand it over where nobody reads along.

Examples:
  ripcord token create lea --for laptop
  ripcord token create release-bot --role operator --expires 30d --json";

/// Makes a token and shows it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { name, roles, scopes, no_scope, purpose, expires } = arguments;
    let set = |is_said: bool| is_said.then_some(());
    let new = NewToken {
        user: name,
        roles: set(!roles.is_empty()).map(|()| roles.into_iter().collect()),
        scopes: set(no_scope || !scopes.is_empty()).map(|()| scopes.into_iter().collect()),
        purpose,
        lasts: expires,
    };
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let made = desk.client.create_token(&new).await;
        desk.close().await;
        let made = made.map_err(|error| desk::failure(context, error))?;
        let value = serde_json::to_value(&made).expect("a token is plain data");
        context.answer(&value, &render::people::made(&made, &context.look));
        Ok(Exit::Done)
    })
}
