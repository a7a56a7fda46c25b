//! `ripcord people change`.

use ripcord_model::Person;
use ripcord_people::{Role, Scope};
use ripcord_server::api::ChangedPerson;

use super::{given, role, scope};
use crate::{commands::Ended, context::Context, desk, failure::CommandError, host::Desk, surroundings};

/// Arguments of `ripcord people change`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Who
    name: Person,
    /// All their roles from now on; once per role
    #[arg(long = "role", value_name = "ROLE", value_parser = role)]
    roles: Vec<Role>,
    /// All their scopes from now on; once per scope
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope, conflicts_with = "no_scope")]
    scopes: Vec<Scope>,
    /// They have no scope from now on
    #[arg(long)]
    no_scope: bool,
    /// Ask for a new password, or read it from standard input
    #[arg(long)]
    password: bool,
}

const AFTER_HELP: &str = "\
What is not named stays as it is. Tokens follow at once: none opens more than its user.

Examples:
  ripcord people change lea --role approver --role operator
  ripcord people change lea --no-scope";

/// Changes what somebody is trusted with.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { name, roles, scopes, no_scope, password } = arguments;
    if roles.is_empty() && scopes.is_empty() && !no_scope && !password {
        return Err(CommandError::usage("nothing is to be changed")
            .hinted("name what is: --role, --scope, --no-scope or --password"));
    }
    let password = password.then(|| surroundings::secret(&format!("Password for {name}:"))).transpose()?;
    let scopes = if no_scope { Some([].into()) } else { given(scopes) };
    let changed = ChangedPerson { roles: given(roles), scopes, password };
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let everybody = desk.client.change_person(&name, &changed).await;
        desk.close().await;
        let everybody = everybody.map_err(|error| desk::failure(context, error))?;
        Ok(super::show(context, &format!("{name} is changed.\n\n"), &everybody))
    })
}
