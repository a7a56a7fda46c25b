//! `ripcord prove`: migrations forward, back and forward again on a database made for it.

mod answer;
mod running;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use ripcord_migrations::{Convention, Finding, Range, Set, read, read_findings};
use ripcord_model::{Duration, Reversibility};
use ripcord_prove::{Source, markdown, read_directory};

use super::Ended;
use crate::{
    context::Context,
    failure::{CommandError, Exit},
};

/// Arguments of `ripcord prove`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The directory of the migrations
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// How they are named: sqlx, refinery, golang-migrate, dbmate, goose, flyway, sqitch, diesel [default: recognised]
    #[arg(long, value_name = "TOOL")]
    convention: Option<Convention>,
    /// Prove what comes after this version; with data, what the data holds already
    #[arg(long, value_name = "VERSION")]
    from: Option<String>,
    /// Prove up to this version
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// What was declared; the exit status says whether it holds
    #[arg(long, value_enum, value_name = "CLASS", default_value = "reversible")]
    declared: Declared,
    /// Only read the SQL: what loses data, what breaks old code, what locks; start no database
    #[arg(long)]
    read_only: bool,
    /// Show every migration, also those that are exact
    #[arg(long)]
    all: bool,
    /// Write the whole proof as Markdown into this file
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Keep what is proven here, and go on from it
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// The database
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        default_value = "postgres",
        help_heading = "Scratch database"
    )]
    on: On,
    /// Begin with this dump of pg_dump, or this SQLite file; needs --from
    #[arg(long, value_name = "FILE", requires = "from", help_heading = "Scratch database")]
    dump: Option<PathBuf>,
    /// Begin with a copy of this database, which is only read; needs --from
    #[arg(
        long,
        value_name = "URL",
        requires = "from",
        conflicts_with = "dump",
        help_heading = "Scratch database"
    )]
    copy_of: Option<String>,
    /// Scratch databases that work at once
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16), help_heading = "Scratch database")]
    jobs: u8,
    /// How long one script may take
    #[arg(long, value_name = "DURATION", default_value = "5m", help_heading = "Scratch database")]
    limit: Duration,
    /// Where initdb and postgres are [default: the newest that is installed]
    #[arg(long, value_name = "DIR", help_heading = "Scratch database")]
    postgres_bin: Option<PathBuf>,
    /// Run the migrations as superuser of the scratch server; only if you trust them
    #[arg(long, help_heading = "Scratch database")]
    superuser: bool,
}

const AFTER_HELP: &str = "\
For each migration: up, down and up again. Schema and rows are compared each time, also
in tables that are empty, which get generated rows. A server of its own is started on a
private socket; nothing runs on a database of yours.

  exact         schema and rows are what they were
  order only    the same, but for the order of columns
  re-up fails   back works, forward again does not
  differs       the schema, or rows, are not what they were
  lossy         data that was there before is gone
  down fails    the way back fails
  one-way       no way back, or an empty one
  not testable  could not be tried; the reason says why

The first two are reversible, the next three partial, the next two one-way.

Examples:
  ripcord prove migrations
  ripcord prove migrations --from 0041 --to 0042 --dump staging.dump --declared partial
  ripcord prove migrations --jobs 2 --journal proof.jsonl --markdown proof.md
  ripcord prove migrations --read-only --json
  ripcord prove migrations --on sqlite";

/// What somebody declared, as an argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Declared {
    /// Everything comes back.
    Reversible,
    /// Something is lost or stays.
    Partial,
    /// Nothing comes back.
    OneWay,
}

impl From<Declared> for Reversibility {
    fn from(declared: Declared) -> Self {
        match declared {
            Declared::Reversible => Self::Reversible,
            Declared::Partial => Self::Partial,
            Declared::OneWay => Self::OneWay,
        }
    }
}

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum On {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// Reads the directory, proves what is asked for, and answers.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let set = set(&arguments)?;
    let range = set
        .range(arguments.from.as_deref(), arguments.to.as_deref())
        .map_err(|error| CommandError::refused("no-such-version", error.to_string()))?;
    let findings = findings_in(&set, range);
    if arguments.read_only {
        context.answer(
            &answer::findings_json(&set, range, &findings),
            &answer::findings(&set, range, &findings),
        );
        return Ok(Exit::Done);
    }
    let proof = running::prove(context, &arguments, &set, range)?;
    if let Some(path) = &arguments.markdown {
        std::fs::write(path, markdown(&proof)).map_err(|error| {
            CommandError::refused("not-written", format!("{} could not be written", path.display()))
                .because(error)
        })?;
    }
    let declared = Reversibility::from(arguments.declared);
    let json = answer::json(&set, &proof, declared, &findings);
    context.answer(&json, &answer::text(&arguments.directory, &set, &proof, declared, arguments.all));
    Ok(if proof.against(declared).is_empty() { Exit::Done } else { Exit::Refused })
}

fn set(arguments: &Arguments) -> Result<Set, CommandError> {
    let directory = &arguments.directory;
    let listing = read_directory(directory).map_err(|error| {
        CommandError::refused("not-read", format!("{} could not be read", directory.display())).because(error)
    })?;
    read(&listing, arguments.convention).map_err(|error| {
        CommandError::refused("no-migrations", format!("{}: {error}", directory.display())).hinted(format!(
            "ripcord prove {} --convention TOOL   when it is another one",
            directory.display()
        ))
    })
}

fn findings_in(set: &Set, range: Range) -> Vec<Finding> {
    let versions: Vec<&str> =
        set.migrations[range.first..range.end].iter().map(|migration| migration.version.as_str()).collect();
    read_findings(set).into_iter().filter(|finding| versions.contains(&finding.version.as_str())).collect()
}

impl Arguments {
    fn source(&self) -> Source {
        match (&self.dump, &self.copy_of) {
            (Some(path), _) => Source::Dump(path.clone()),
            (None, Some(url)) => Source::CopyOf(url.clone()),
            (None, None) => Source::Empty,
        }
    }

    /// Whether the scratch database begins with data, which holds the first migrations already.
    fn has_data(&self) -> bool {
        self.dump.is_some() || self.copy_of.is_some()
    }

    fn sqlite_file(&self) -> Option<&Path> {
        self.dump.as_deref()
    }
}

/// What a proof is about, so that a journal is not mistaken for another's.
fn about(proof_source: &str, arguments: &Arguments, set: &Set, range: Range) -> String {
    let on = match arguments.on {
        On::Postgres => "postgres",
        On::Sqlite => "sqlite",
    };
    format!("{} ({} to {}) on {on}, {proof_source}", set.hash(), range.first, range.end)
}
