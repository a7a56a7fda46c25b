//! `ripcord people add`.

use ripcord_model::Person;
use ripcord_people::{Role, Scope, UserKind};
use ripcord_server::api::NewPerson;

use super::{role, scope};
use crate::{commands::Ended, context::Context, desk, host::Desk, surroundings};

/// Arguments of `ripcord people add`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Their name; the operating system's, for who works on the server's machine
    name: Person,
    /// What they are trusted with; once per role
    #[arg(long = "role", value_name = "ROLE", required = true, value_parser = role)]
    roles: Vec<Role>,
    /// What an approver is trusted with in particular; once per scope
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
    scopes: Vec<Scope>,
    /// A coding agent or a pipeline: never approver, executive or admin
    #[arg(long)]
    agent: bool,
    /// Ask for a password, or read it from standard input
    #[arg(long)]
    password: bool,
}

const AFTER_HELP: &str = "\
Roles: viewer looks; operator rehearses, ships, promotes, holds, goes back; approver
agrees to the releases of others, with the scope data also to steps of level migration
and data; executive overrides a check; admin says who is who. Nobody needs a role to be
on call: whoever a plan names may hold, contain and go back.

Examples:
  ripcord people add ada --role admin --role operator
  ripcord people add lea --role approver --scope data";

/// Sets somebody up.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { name, roles, scopes, agent, password } = arguments;
    let password = password.then(|| surroundings::secret(&format!("Password for {name}:"))).transpose()?;
    let new = NewPerson {
        name: name.clone(),
        kind: if agent { UserKind::Agent } else { UserKind::Person },
        roles: roles.into_iter().collect(),
        scopes: scopes.into_iter().collect(),
        password,
    };
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let everybody = desk.client.add_person(&new).await;
        desk.close().await;
        let everybody = everybody.map_err(|error| desk::failure(context, error))?;
        let first = format!("{name} is set up. To let them come in: ripcord token create {name}\n\n");
        Ok(super::show(context, &first, &everybody))
    })
}
