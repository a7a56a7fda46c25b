//! The arguments that every command takes, and the list of commands. Each command's own arguments stand with it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ripcord_model::Person;
use ripcord_people::{Role, Scope};

use crate::commands;

/// Takes a change to production in stages and guarantees the way back.
#[derive(Debug, Parser)]
#[command(
    name = "ripcord",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = AFTER_HELP
)]
pub struct Arguments {
    /// For every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Something is wrong right now:
  ripcord rollback RELEASE --why \"what you see\"      goes back to the last good version
  ripcord rollback RELEASE --why \"…\" --offline       the same when the server is down

First steps:
  ripcord demo                                       all of it on this machine, in two minutes
  ripcord init && ripcord lint && ripcord plan NAME

Exit status: 0 done, 1 refused or blocked, 2 usage, 3 rolled back, 4 stuck.
Environment: RIPCORD_STATE (state directory), RIPCORD_TOKEN or RIPCORD_TOKEN_FILE (your
token; without one the operating system's user acts), RIPCORD_ACTOR (an agent's name),
RIPCORD_DEMO=1 (names and roles can be tried with --as; for demonstrations only),
NO_COLOR, TZ (zone of shown instants; UTC by default).";

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Answer in JSON, for machines
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// The service's root [default: the nearest directory upwards with a ripcord.yaml]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub root: Option<PathBuf>,
    /// The state directory [default: $RIPCORD_STATE, or .ripcord beside ripcord.yaml]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub state: Option<PathBuf>,
    /// A server's URL; its token is read from $RIPCORD_TOKEN [default: the state directory's socket]
    #[arg(long, global = true, value_name = "URL", help_heading = "Everywhere")]
    pub server: Option<String>,
    /// Try a name and roles; in demo mode only
    #[arg(long = "as", global = true, value_name = "NAME[:ROLE,…]", help_heading = "Everywhere")]
    pub tried: Option<Tried>,
}

/// A name that is tried, and roles and scopes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The name.
    pub name: Person,
    /// Roles and scopes, separated by commas; those the name has when absent.
    pub roles: Option<String>,
}

impl std::str::FromStr for Tried {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, roles) = match text.split_once(':') {
            Some((name, roles)) => (name, Some(roles)),
            None => (text, None),
        };
        let name = Person::new(name).map_err(|error| error.to_string())?;
        for word in roles.into_iter().flat_map(|roles| roles.split(',')) {
            if word.parse::<Role>().is_err() && Scope::new(word).is_err() {
                return Err(format!(
                    "`{word}` is neither a role nor a scope; for instance lea:approver,data"
                ));
            }
        }
        Ok(Self { name, roles: roles.map(str::to_owned) })
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a first ripcord.yaml, plan and runbook
    Init(commands::init::Arguments),
    /// Report every mistake and every blind spot in the files
    Lint(commands::lint::Arguments),
    /// Show the compiled plan: stages, signals, way back, hash
    Plan(commands::plan::Arguments),
    /// Ask every check that stands before production
    Gate(commands::gate::Arguments),
    /// Walk the way back of a release in staging and measure it
    Rehearse(commands::rehearse::Arguments),
    /// Take a release to production, stage by stage
    Ship(commands::ship::Arguments),
    /// Say what is happening, why nothing is, and what would change it
    Status(commands::status::Arguments),
    /// Follow a release on a live screen
    Watch(commands::watch::Arguments),
    /// Let a release go on: lift a hold, enter 100 %, leave containment
    Promote(commands::promote::Arguments),
    /// Stop forward motion until promoted
    Hold(commands::hold::Arguments),
    /// Stop the bleeding and stay there until a person decides
    Contain(commands::contain::Arguments),
    /// Go back to the last good version
    Rollback(commands::rollback::Arguments),
    /// Declare a validated release complete
    Complete(commands::complete::Arguments),
    /// Say that you are there and looking
    Acknowledge(commands::acknowledge::Arguments),
    /// Confirm that people outside are told that a release goes back
    Announce(commands::announce::Arguments),
    /// List what was told to whom about a release, what failed, and what is due
    Messages(commands::messages::Arguments),
    /// Put results, messages and reviews on record, for the gate
    Record(commands::record::Arguments),
    /// Agree to a release, or to a step of the way back that waits for you
    Approve(commands::approve::Arguments),
    /// Accept a check of the gate that does not pass, under your name
    Override(commands::r#override::Arguments),
    /// List, show and close what is owed for overrides
    Postmortem(commands::postmortem::Arguments),
    /// Serve feature flags: list, set, ramp, clients
    Flag(commands::flag::Arguments),
    /// Show when forward motion stops and when releases may begin
    Freeze(commands::freeze::Arguments),
    /// Give up a release before it touches production
    Cancel(commands::cancel::Arguments),
    /// Set people up, say what they are trusted with, let them go
    People(commands::people::Arguments),
    /// Make tokens to come in with, list them, take them back
    Token(commands::token::Arguments),
    /// Write, show and check the rules of who may do what, and ask who could
    Policy(commands::policy::Arguments),
    /// Verify, show or explain the ledger
    Audit(commands::audit::Arguments),
    /// Tell what a release leaves behind, as one document or as a package
    Report(commands::report::Arguments),
    /// Say how long going back takes, how often it succeeds, and what fails
    Metrics(commands::metrics::Arguments),
    /// Check, show and run runbooks
    Runbook(commands::runbook::Arguments),
    /// Run migrations up, down and up on a scratch database, and say what comes back
    Prove(commands::prove::Arguments),
    /// Replay a signal's rules over recorded history
    Backtest(commands::backtest::Arguments),
    /// Feed blocks to one test of evidence, and read what it says
    Evidence(commands::evidence::Arguments),
    /// Explain a code such as RC0107
    Explain(commands::explain::Arguments),
    /// Show all of it on this machine, on real processes and real traffic
    Demo(commands::demo::Arguments),
    /// Run the control plane
    Serve(commands::serve::Arguments),
    /// Run the built-in traffic splitter
    Edge(commands::edge::Arguments),
    /// Print completions for a shell
    Completions(commands::completions::Arguments),
    /// Write manual pages
    Man(commands::man::Arguments),
    /// The service that the demo releases
    #[command(hide = true)]
    DemoService(commands::demo_service::Arguments),
}

/// Reads the command line; on `--help` or a mistake it prints, in JSON where that was asked for, and ends the
/// process.
pub fn read() -> Arguments {
    Arguments::try_parse().unwrap_or_else(|error| {
        let wants_json = error.use_stderr() && std::env::args_os().any(|argument| argument == "--json");
        if !wants_json {
            error.exit();
        }
        let message = error.to_string();
        let first = message.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let failure = crate::failure::CommandError::usage(first).hinted("ripcord --help");
        crate::output::line(&failure.json().to_string());
        std::process::exit(i32::from(failure.exit as u8))
    })
}
