//! `ripcord audit`: the ledger verified, shown, and explained.

mod explain;

use ripcord_ledger::to_hex;
use ripcord_model::{Person, ReleaseName, Timestamp};
use ripcord_server::Verification;
use ripcord_store::{
    Filter,
    audit::{self, AuditError},
};

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::{CommandError, Exit},
    record, render,
    render::{Tone, layout::wrap, words},
    surroundings,
};

/// Arguments of `ripcord audit`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Prove that nothing in the ledger was changed, left out or put in
    #[command(after_help = AFTER_VERIFY)]
    Verify,
    /// Show entries of the ledger
    #[command(after_help = AFTER_SHOW)]
    Show(Show),
    /// Compute a release's verdicts again from the record, and tell how they came about
    #[command(after_help = explain::AFTER_HELP)]
    Explain(explain::Explain),
}

const AFTER_VERIFY: &str = "\
Reads the stored bytes from the first entry on, with a verifier that shares no code with
the writer; works beside a running server and without one. Exit status 1 names the entry
that is not what was signed.

Example:
  ripcord audit verify && echo the record is whole";

const AFTER_SHOW: &str = "\
An instant is RFC 3339, or a duration counted back from now: 30m, 2h, 7d.

Examples:
  ripcord audit show --release exam-submit-v2
  ripcord audit show --by maya --since 7d
  ripcord audit show --kind rollback-decided --json";

#[derive(Debug, clap::Args)]
struct Show {
    /// About this release
    #[arg(long, value_name = "RELEASE", value_parser = release_name)]
    release: Option<ReleaseName>,
    /// Of this kind: held, promoted, rollback-decided, …
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Caused by this person or agent, or by `ripcord` itself
    #[arg(long, value_name = "NAME")]
    by: Option<Person>,
    /// Not before this instant
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    since: Option<Timestamp>,
    /// Before this instant
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    until: Option<Timestamp>,
    /// At most so many, the first ones
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    limit: usize,
}

/// RFC 3339, or a duration counted back from now.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(ago) = text.parse::<ripcord_model::Duration>() {
        return Ok(surroundings::now().minus(ago));
    }
    text.parse()
        .map_err(|_| "expected an instant such as 2026-11-21T14:00:00Z, or a duration such as 2h".to_owned())
}

/// Verifies, shows or explains.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    match arguments.command {
        Command::Verify => verify(context),
        Command::Show(show) => self::show(context, show),
        Command::Explain(arguments) => explain::run(context, arguments),
    }
}

fn verify(context: &Context) -> Ended {
    let verification = match &context.server {
        Some(_) => {
            let client = desk::client(context)?;
            desk::runtime()?.block_on(client.verify()).map_err(|error| desk::failure(context, error))?
        }
        None => verified_here(context)?,
    };
    let text = verification_text(&verification, context);
    context.answer(&serde_json::to_value(&verification).expect("a verification is plain data"), &text);
    Ok(if verification.verified { Exit::Done } else { Exit::Refused })
}

fn verified_here(context: &Context) -> Result<Verification, CommandError> {
    match audit::verify(&context.state()?) {
        Ok(verified) => Ok(Verification {
            verified: true,
            entries: verified.entries,
            root: to_hex(&verified.root),
            trouble: None,
            position: None,
        }),
        Err(AuditError::Changed { findings }) => Ok(Verification {
            verified: false,
            entries: findings.entries,
            root: String::new(),
            position: findings.listed.iter().find_map(|finding| Some(*finding.positions()?.start())),
            trouble: Some(findings.to_string()),
        }),
        Err(error @ AuditError::NoLedger { .. }) => {
            Err(CommandError::refused("no-ledger", error.to_string()))
        }
        Err(error @ AuditError::Unreadable(_)) => {
            Err(CommandError::refused("unreadable-ledger", error.to_string()))
        }
    }
}

fn verification_text(verification: &Verification, context: &Context) -> String {
    let look = &context.look;
    let entries = words::counted(verification.entries, "entry").replace("entrys", "entries");
    if verification.verified {
        let answer =
            look.paint(Tone::Good, &format!("Verified: {entries}, nothing changed, left out or put in"));
        return format!("{answer}\n\n  root       {}\n", verification.root);
    }
    let answer = match verification.position {
        Some(position) => format!("Not verified: entry {position} is not what was signed"),
        None => "Not verified: the ledger is not what was signed".to_owned(),
    };
    let mut text = format!("{}\n\n", look.paint(Tone::Alarm, &answer));
    for line in verification.trouble.iter().flat_map(|trouble| trouble.lines()) {
        wrap(line, 76).iter().for_each(|line| text.push_str(&format!("  {line}\n")));
    }
    text
}

fn show(context: &Context, show: Show) -> Ended {
    let Show { release, kind, by, since, until, limit } = show;
    let entries = match &context.server {
        Some(_) => {
            let filter = ripcord_server::Filter {
                release,
                kind,
                by: by.map(String::from),
                since,
                until,
                limit: Some(limit.clamp(1, 1_000)),
                from: 0,
            };
            let client = desk::client(context)?;
            desk::runtime()?
                .block_on(client.ledger(&filter))
                .map_err(|error| desk::failure(context, error))?
                .entries
        }
        None => {
            record::entries(&context.state()?, &Filter { release, kind, by, since, until, from: 0, limit })?
        }
    };
    let value = serde_json::to_value(&entries).expect("entries are plain data");
    let width = surroundings::is_terminal().then_some(render::layout::WIDTH);
    context.answer(&value, &render::ledger::entries(&entries, width, &context.look));
    Ok(Exit::Done)
}
