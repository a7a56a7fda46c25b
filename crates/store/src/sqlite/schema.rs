//! The tables, and which version of them a file has.

use std::path::Path;

use rusqlite::{Connection, Error, TransactionBehavior};

use super::failure::{on_read, on_write};
use crate::{port::StoreError, state_dir::damaged};

/// The version written today, kept in `PRAGMA user_version`.
pub(super) const VERSION: i64 = 2;

/// `bytes` is the truth; `leaf_hash` names a changed entry; the other columns only find entries faster.
const VERSION_1: &str = "
    CREATE TABLE entries(
        position  INTEGER PRIMARY KEY,
        leaf_hash BLOB NOT NULL,
        release   TEXT,
        kind      TEXT NOT NULL,
        by_name   TEXT NOT NULL,
        at_ms     INTEGER NOT NULL,
        bytes     BLOB NOT NULL
    ) STRICT;
    CREATE INDEX entries_by_release ON entries(release, position) WHERE release IS NOT NULL;
    CREATE TABLE checkpoints(
        size      INTEGER PRIMARY KEY,
        root      BLOB NOT NULL,
        signature BLOB NOT NULL
    ) STRICT;
    CREATE TABLE blocks(
        release    TEXT NOT NULL,
        seq        INTEGER NOT NULL,
        ledger_len INTEGER NOT NULL,
        bytes      BLOB NOT NULL,
        PRIMARY KEY(release, seq)
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 1;
";

/// Records beside the ledger: people and their tokens.
const VERSION_2: &str = "
    CREATE TABLE kept(
        kind  TEXT NOT NULL,
        key   TEXT NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY(kind, key)
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 2;
";

/// Makes sure that a file can be read by this Ripcord. Its version; `None` when it is empty.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<Option<i64>, StoreError> {
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|error| on_read(path, &error))?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| on_read(path, &error))?;
    match found {
        1 | VERSION => Ok(Some(found)),
        0 if tables == 0 => Ok(None),
        _ if found > VERSION => {
            Err(StoreError::TooNew { path: path.display().to_string(), found, known: VERSION })
        }
        _ => Err(damaged(path, format!("it has schema {found}, which is not one of Ripcord's"))),
    }
}

/// Makes the tables that are missing, in an empty file or in one of an earlier version: all of them or none.
pub(super) fn complete(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let mut complete = || -> Result<(), Error> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found < 1 {
            transaction.execute_batch(VERSION_1)?;
        }
        if found < 2 {
            transaction.execute_batch(VERSION_2)?;
        }
        transaction.commit()
    };
    complete().map_err(|error| on_write(path, &error))
}
