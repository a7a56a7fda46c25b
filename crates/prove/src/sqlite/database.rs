//! The plain file and its trial copy.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use ripcord_migrations::{Script, Transaction, split};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{catalog, rows, seed};
use crate::contents::Contents;
use crate::port::{Failed, Ran, Scratch, ScratchError, Seeded};
use crate::schema::Schema;

/// A scratch SQLite database.
pub struct Sqlite {
    trial: Option<Connection>,
    plain: Connection,
    directory: TempDir,
    limit: Duration,
}

impl Sqlite {
    /// Makes one: empty, or with what a database file holds. That file is read and not touched.
    ///
    /// # Errors
    /// When the files cannot be made, or the source is no database.
    pub fn start(source: Option<&Path>, limit: Duration) -> Result<Self, ScratchError> {
        let directory = tempfile::Builder::new().prefix("ripcord-scratch-sqlite-").tempdir();
        let directory = directory.map_err(|source| ScratchError::Files {
            path: std::env::temp_dir().display().to_string(),
            source,
        })?;
        let path = directory.path().join("plain.db");
        if let Some(source) = source {
            copy(source, &path)?;
        }
        let plain = open(&path)?;
        Ok(Self { trial: None, plain, directory, limit })
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("trial.db")
    }

    fn trial(&mut self) -> Result<&mut Connection, ScratchError> {
        let connection = match self.trial.take() {
            Some(connection) => connection,
            None => open(&self.path())?,
        };
        Ok(self.trial.insert(connection))
    }
}

/// SQLite's own way to copy a database that others may be writing to.
fn copy(from: &Path, to: &Path) -> Result<(), ScratchError> {
    let load = |error: rusqlite::Error| ScratchError::Load(format!("{}: {error}", from.display()));
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let source = Connection::open_with_flags(from, flags).map_err(load)?;
    source.execute("VACUUM INTO ?1", [to.to_string_lossy()]).map_err(load)?;
    Ok(())
}

fn open(path: &Path) -> Result<Connection, ScratchError> {
    let connection = Connection::open(path).map_err(asked)?;
    connection
        .execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;")
        .map_err(asked)?;
    Ok(connection)
}

pub(super) fn asked(error: rusqlite::Error) -> ScratchError {
    ScratchError::Asked(error.to_string())
}

/// Runs a script on a connection, within a time.
fn run(connection: &Connection, script: &Script, limit: Duration) -> Result<Ran, Failed> {
    let file = &script.file;
    let failed = |message: String| Failed { message, not_its_fault: None };
    for statement in split(&script.text) {
        let other_file = ["ATTACH", "DETACH"].iter().any(|word| statement.begins(&[word]))
            || (statement.begins(&["VACUUM"]) && statement.words.iter().any(|word| word == "INTO"));
        if other_file {
            let line = script.line + statement.line - 1;
            return Err(failed(format!(
                "{file}:{line}: it touches another database file, which is not done on a copy"
            )));
        }
    }
    let (done, ended) = mpsc::channel::<()>();
    let handle = connection.get_interrupt_handle();
    let guard = std::thread::spawn(move || {
        let late = ended.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout);
        if late {
            handle.interrupt();
        }
        late
    });
    let began = Instant::now();
    let result = send(connection, script);
    let seconds = began.elapsed().as_secs_f64();
    let _ = done.send(());
    let late = guard.join().unwrap_or(false);
    let open = !connection.is_autocommit();
    if open {
        let _ = connection.execute_batch("ROLLBACK");
    }
    let _ = connection.execute_batch("PRAGMA foreign_keys = ON");
    match result {
        Err(_) if late => Err(failed(format!("{file}: it did not end within {} s", limit.as_secs()))),
        Err((line, error)) => {
            let place = line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"));
            Err(failed(format!("{place}: {}", said(&error))))
        }
        Ok(()) if open => {
            Err(failed(format!("{file}: it leaves its transaction open, so nothing of it is kept")))
        }
        Ok(()) => Ok(Ran { seconds, locks: Vec::new() }),
    }
}

fn send(connection: &Connection, script: &Script) -> Result<(), (Option<usize>, rusqlite::Error)> {
    let wrapped = script.transaction == Transaction::Wrapped;
    if wrapped {
        connection.execute_batch("BEGIN").map_err(|error| (None, error))?;
    }
    for piece in &script.pieces {
        // One statement at a time, so that a failure has a line.
        for statement in split(&piece.text) {
            let text = &piece.text[statement.start..statement.end];
            connection.execute_batch(text).map_err(|error| (Some(piece.line + statement.line - 1), error))?;
        }
    }
    if wrapped && !connection.is_autocommit() {
        connection.execute_batch("COMMIT").map_err(|error| (None, error))?;
    }
    Ok(())
}

fn said(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

impl Scratch for Sqlite {
    fn run(&mut self, script: &Script) -> Result<Ran, Failed> {
        let limit = self.limit;
        match self.trial() {
            Ok(connection) => run(connection, script, limit),
            Err(error) => Err(Failed { message: error.to_string(), not_its_fault: None }),
        }
    }

    fn advance(&mut self, script: &Script) -> Result<Result<Ran, Failed>, ScratchError> {
        Ok(run(&self.plain, script, self.limit))
    }

    fn renew(&mut self) -> Result<(), ScratchError> {
        self.trial = None;
        let path = self.path();
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(ScratchError::Files { path: path.display().to_string(), source: error });
            }
            Ok(()) | Err(_) => {}
        }
        self.plain.execute("VACUUM INTO ?1", [path.to_string_lossy()]).map_err(asked)?;
        Ok(())
    }

    fn seed(&mut self, rows: u32) -> Result<Seeded, ScratchError> {
        seed::fill(self.trial()?, rows).map_err(asked)
    }

    fn schema(&mut self) -> Result<Schema, ScratchError> {
        catalog::read(self.trial()?).map_err(asked)
    }

    fn contents(&mut self) -> Result<Contents, ScratchError> {
        rows::read(self.trial()?).map_err(asked)
    }

    fn server(&self) -> String {
        let major_and_minor: Vec<_> = rusqlite::version().split('.').take(2).collect();
        format!("SQLite {}", major_and_minor.join("."))
    }
}
