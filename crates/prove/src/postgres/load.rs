//! What stands in the scratch database before the first migration.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::server::{Server, said};
use crate::port::ScratchError;

/// Where the first rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// From nowhere.
    Empty,
    /// From a file that `pg_dump` wrote, as SQL or in one of its own formats.
    Dump(PathBuf),
    /// From a database that is there: it is dumped, read-only, and nothing else is done to it. A connection string.
    CopyOf(String),
}

impl Source {
    /// For the record, without a password.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Empty => "empty database, generated rows".to_owned(),
            Self::Dump(path) => format!("dump {}", path.display()),
            Self::CopyOf(_) => "copy of a database".to_owned(),
        }
    }
}

/// Loads it into a database, and has roles made that it names.
pub(super) fn load(
    source: &Source,
    server: &Server,
    database: &str,
    user: &str,
    mut make_role: impl FnMut(&str) -> Result<(), ScratchError>,
) -> Result<(), ScratchError> {
    let file = match source {
        Source::Empty => return Ok(()),
        Source::Dump(path) => path.clone(),
        Source::CopyOf(url) => dump(url, server)?,
    };
    let bytes = std::fs::read(&file)
        .map_err(|source| ScratchError::Files { path: file.display().to_string(), source })?;
    let is_sql = !bytes.starts_with(b"PGDMP");
    if is_sql {
        for role in roles(&String::from_utf8_lossy(&bytes)) {
            // What is there already is as good.
            let _ = make_role(&role);
        }
    }
    // The server's user cannot read every place the caller can, so the bytes go through a pipe.
    let input = std::fs::File::open(&file)
        .map_err(|source| ScratchError::Files { path: file.display().to_string(), source })?;
    let mut command = if is_sql {
        let mut psql = server.program("psql");
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--single-transaction"]);
        psql
    } else {
        let mut restore = server.program("pg_restore");
        restore.args(["--no-owner", "--no-privileges", "--exit-on-error"]);
        restore
    };
    command.arg("-d").arg(database).arg("-U").arg(user).arg("-h").arg(server.socket());
    finish(command.stdin(input).stdout(Stdio::null()), if is_sql { "psql" } else { "pg_restore" })
}

fn dump(url: &str, server: &Server) -> Result<PathBuf, ScratchError> {
    let file = server.socket().join("copy.dump");
    let output = std::fs::File::create(&file)
        .map_err(|source| ScratchError::Files { path: file.display().to_string(), source })?;
    let mut command = server.program("pg_dump");
    command.args(["--format=custom", "--no-owner", "--no-privileges", "--dbname"]).arg(url);
    finish(command.stdin(Stdio::null()).stdout(output), "pg_dump")?;
    Ok(file)
}

fn finish(command: &mut Command, name: &str) -> Result<(), ScratchError> {
    let output = command
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| ScratchError::Load(format!("{name} did not start: {error}")))?;
    if output.status.success() { Ok(()) } else { Err(ScratchError::Load(said(name, &output))) }
}

/// Roles a dump gives things to.
fn roles(sql: &str) -> std::collections::BTreeSet<String> {
    let mut found = std::collections::BTreeSet::new();
    for line in sql.lines() {
        let after = line.split(" OWNER TO ").nth(1).or_else(|| {
            let granted = line.starts_with("GRANT ") || line.starts_with("REVOKE ");
            granted.then(|| line.split(" TO ").nth(1).or_else(|| line.split(" FROM ").nth(1))).flatten()
        });
        let Some(after) = after else { continue };
        let name = after.trim_end_matches(';').trim().trim_matches('"');
        if !name.is_empty() && !name.contains(' ') && !name.eq_ignore_ascii_case("public") {
            found.insert(name.to_owned());
        }
    }
    found
}
