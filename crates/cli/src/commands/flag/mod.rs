//! `ripcord flag`: feature flags, served by Ripcord itself.

mod change;
mod clients;
mod create;
mod eval;
mod get;
mod key;
mod list;
mod load;
mod ramp;
mod retire;
mod set;

use ripcord_model::EnvironmentName;

use super::Ended;
use crate::{context::Context, failure::CommandError};

/// Arguments of `ripcord flag`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show all flags and how they stand
    List(list::Arguments),
    /// Show one flag, or check how it stands
    Get(get::Arguments),
    /// Give everybody one variant; off is not done until the clients confirm
    Set(set::Arguments),
    /// Give a share of users on, the others off
    Ramp(ramp::Arguments),
    /// Make a flag that is off
    Create(create::Arguments),
    /// Put flags from a file in flagd's format
    Load(load::Arguments),
    /// Remove a flag; its key is never used again
    Retire(retire::Arguments),
    /// Show who has heard of the newest change, and who has not
    Clients(clients::Arguments),
    /// Evaluate a flag of a file, without a server
    Eval(eval::Arguments),
    /// Make, list and remove the keys clients ask with
    Key(key::Arguments),
}

/// Whose flags.
#[derive(Debug, clap::Args)]
struct Where {
    /// The environment whose flags they are
    #[arg(long, short = 'e', default_value = "production", value_name = "NAME", value_parser = environment)]
    environment: EnvironmentName,
}

fn environment(text: &str) -> Result<EnvironmentName, String> {
    EnvironmentName::new(text).map_err(|error| error.to_string())
}

/// Does what was asked for.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    match arguments.command {
        Command::List(arguments) => list::run(context, arguments),
        Command::Get(arguments) => get::run(context, arguments),
        Command::Set(arguments) => set::run(context, arguments),
        Command::Ramp(arguments) => ramp::run(context, arguments),
        Command::Create(arguments) => create::run(context, arguments),
        Command::Load(arguments) => load::run(context, arguments),
        Command::Retire(arguments) => retire::run(context, arguments),
        Command::Clients(arguments) => clients::run(context, arguments),
        Command::Eval(arguments) => eval::run(context, arguments),
        Command::Key(arguments) => key::run(context, arguments),
    }
}

fn no_such_flag(flag: &str, environment: &EnvironmentName) -> CommandError {
    CommandError::refused("no-such-flag", format!("there is no flag `{flag}` in {environment}"))
        .hinted("ripcord flag list   shows what there is")
        .hinted(format!("ripcord flag create {flag}   makes one that is off"))
}
