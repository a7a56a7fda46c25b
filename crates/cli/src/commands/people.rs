//! `ripcord people`: who is set up, and what they are trusted with.

mod add;
mod change;
mod list;
mod remove;

use std::collections::BTreeSet;

use ripcord_people::{Role, Scope};
use ripcord_server::api::SomeBody;

use super::Ended;
use crate::{context::Context, failure::Exit, render};

/// Arguments of `ripcord people`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

const AFTER_HELP: &str = "\
As long as nobody is set up, the operating system's user who runs the server is alone:
operator, approver and admin. The first person who is set up has to be an admin.
From then on everybody may what their roles allow: viewer, operator, approver, executive,
admin. Scopes such as data say what an approver is trusted with in particular.

Examples:
  ripcord people add ada --role admin --role operator
  ripcord people add lea --role approver --scope data
  ripcord people add release-bot --agent --role operator
  ripcord people list";

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Show who is set up
    List,
    /// Set up a person or an agent
    Add(add::Arguments),
    /// Change what somebody is trusted with, or their password
    Change(change::Arguments),
    /// Let somebody go; their tokens are revoked
    Remove(remove::Arguments),
}

/// Runs the command that was asked for.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    match arguments.what {
        What::List => list::run(context),
        What::Add(arguments) => add::run(context, arguments),
        What::Change(arguments) => change::run(context, arguments),
        What::Remove(arguments) => remove::run(context, arguments),
    }
}

/// Prints everybody.
fn show(context: &Context, first: &str, everybody: &[SomeBody]) -> Exit {
    let value = serde_json::to_value(everybody).expect("people are plain data");
    let text = format!("{first}{}", render::people::everybody(everybody, &context.look));
    context.answer(&value, &text);
    Exit::Done
}

/// Given roles or scopes as a set; nothing given is nothing said.
fn given<T: Ord>(all: Vec<T>) -> Option<BTreeSet<T>> {
    if all.is_empty() { None } else { Some(all.into_iter().collect()) }
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|error: ripcord_people::InvalidRole| error.to_string())
}

fn scope(text: &str) -> Result<Scope, String> {
    text.parse().map_err(|error: ripcord_people::InvalidScope| error.to_string())
}
