//! `ripcord policy`: the rules of who may do what.

mod check;
mod init;
mod show;
mod who;

use super::Ended;
use crate::context::Context;

/// Arguments of `ripcord policy`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

const AFTER_HELP: &str = "\
Rules are files in policy/ of the service's repository, in the Cedar language; without
any, the built-in ones count. The server reads them when they change. Files with a
mistake are not taken: the rules before stay in force, and `ripcord status` says so.
No rule locks the way back, and none lets an agent approve.

Examples:
  ripcord policy init && ripcord policy check
  ripcord policy who approve-release exam-submit-v2";

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Write the built-in rules to policy/, to read and change them
    Init(init::Arguments),
    /// Say which rules are in force, and what is wrong with those that are not
    Show,
    /// Read the files as a server would, and say what is wrong with them
    Check,
    /// Say who could do something, and whether you could
    Who(who::Arguments),
}

/// Runs the command that was asked for.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    match arguments.what {
        What::Init(arguments) => init::run(context, arguments),
        What::Show => show::run(context),
        What::Check => check::run(context),
        What::Who(arguments) => who::run(context, arguments),
    }
}
