//! `ripcord flag key`: the keys that clients ask with.

use clap::ValueEnum;
use ripcord_server::flags::{FlagKeyError, KeyScope, add_key, keys, remove_key};

use super::Where;
use crate::{
    commands::Ended,
    context::Context,
    failure::{CommandError, Exit},
    render::layout::table,
};

/// Arguments of `ripcord flag key`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a key; it is shown once
    #[command(after_help = AFTER_ADD)]
    Add(Add),
    /// Show the keys by name
    List,
    /// Remove a key; a running server heeds it within a second
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Debug, clap::Args)]
struct Add {
    /// Its name
    name: String,
    /// What it is for
    #[arg(long, value_enum, default_value_t = Scope::Client)]
    scope: Scope,
    #[command(flatten)]
    place: Where,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scope {
    /// Evaluate and listen; may stand in a web page
    Client,
    /// Read the definitions, too
    Server,
}

const AFTER_ADD: &str = "\
As soon as there is a key, nobody is answered without one.

Examples:
  ripcord flag key add web
  ripcord flag key add backend --scope server --environment staging";

/// Does what was asked for.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let state = context.state()?;
    match arguments.command {
        Command::Add(Add { name, scope, place }) => {
            let scope = match scope {
                Scope::Client => KeyScope::Client,
                Scope::Server => KeyScope::Server,
            };
            let key = add_key(&state, &name, &place.environment, scope).map_err(refused)?;
            let text = format!("The key {name} for {}, shown this once:\n\n  {key}\n", place.environment);
            context.answer(&serde_json::json!({ "name": name, "key": key }), &text);
        }
        Command::List => {
            let keys = keys(&state).map_err(refused)?;
            let rows: Vec<Vec<String>> = keys
                .iter()
                .map(|key| vec![key.name.clone(), key.environment.to_string(), word(key.scope).to_owned()])
                .collect();
            let text = match rows.as_slice() {
                [] => "No keys: whoever reaches the address of the flags is answered\n".to_owned(),
                rows => table(&["key", "environment", "scope"], rows, &[]).join("\n") + "\n",
            };
            let value: Vec<_> = keys
                .iter()
                .map(|key| serde_json::json!({ "name": key.name, "environment": key.environment, "scope": key.scope }))
                .collect();
            context.answer(&value.into(), &text);
        }
        Command::Remove { name } => {
            remove_key(&state, &name).map_err(refused)?;
            context.answer(
                &serde_json::json!({ "removed": name }),
                &format!("The key {name} opens nothing any more\n"),
            );
        }
    }
    Ok(Exit::Done)
}

const fn word(scope: KeyScope) -> &'static str {
    match scope {
        KeyScope::Client => "client",
        KeyScope::Server => "server",
    }
}

fn refused(error: FlagKeyError) -> CommandError {
    CommandError::refused("keys", error.to_string()).hinted("ripcord flag key list")
}
