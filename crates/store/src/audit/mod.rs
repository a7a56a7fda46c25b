//! Reads a state directory as an auditor would: straight from the tables, and through the verifier only.
//!
//! Refuses to know: [`crate::SqliteStore`]'s reading and the writer's hashing. What they get wrong shows here.

mod segment;

use std::{cell::RefCell, path::Path};

use ripcord_ledger::{
    Entry, PublicKey,
    verify::{Claim, Finding, Findings, Row as Found, Verified, verify as verify_ledger},
};
use ripcord_model::ReleaseName;
use rusqlite::{Connection, Error, Row, types::ValueRef};

use crate::{
    port::StoreError,
    sqlite::{connect_read_only, on_read},
    state_dir::{LEDGER, PUBLIC_KEY, damaged, read_public_key},
};

/// Why a ledger is not verified.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// There is nothing to verify.
    #[error("{path}: there is no ledger yet; the first release begins one")]
    NoLedger {
        /// Where it was looked for.
        path: String,
    },
    /// It, or its public key, cannot be read at all.
    #[error(transparent)]
    Unreadable(StoreError),
    /// It was read, and is not what was signed.
    #[error("{findings}")]
    Changed {
        /// What is wrong, each naming the entry.
        findings: Findings,
    },
}

/// Verifies the ledger of the state directory `dir` from its first entry, with the public key kept beside it. Works
/// beside a running writer and sees one moment of its ledger.
pub fn verify(dir: &Path) -> Result<Verified, AuditError> {
    let path = dir.join(LEDGER);
    if !path.exists() {
        return Err(AuditError::NoLedger { path: path.display().to_string() });
    }
    let key = read_public_key(&dir.join(PUBLIC_KEY)).map_err(AuditError::Unreadable)?;
    verify_with_key(dir, &key)
}

/// Verifies the ledger of `dir` with a public key that was kept elsewhere: whoever can exchange the ledger can
/// exchange the key beside it as well.
pub fn verify_with_key(dir: &Path, key: &PublicKey) -> Result<Verified, AuditError> {
    let path = dir.join(LEDGER);
    let connection = connect_read_only(&path).map_err(AuditError::Unreadable)?;
    let connection = connection.ok_or_else(|| AuditError::NoLedger { path: path.display().to_string() })?;
    let unreadable = |error: Error| AuditError::Unreadable(on_read(&path, &error));
    let verified = walk(&connection, key).map_err(unreadable)?;
    let verified = verified.map_err(|findings| AuditError::Changed { findings })?;
    check_indexes(&connection, &path)?;
    Ok(verified)
}

/// A broken index hides entries from whoever asks for those of one release, though all of them are there.
fn check_indexes(connection: &Connection, path: &Path) -> Result<(), AuditError> {
    let answer = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0))
        .map_err(|error| AuditError::Unreadable(on_read(path, &error)))?;
    if answer == "ok" { Ok(()) } else { Err(AuditError::Unreadable(damaged(path, answer))) }
}

/// Leads both tables through the verifier, row by row. The outer error is SQLite's.
fn walk(connection: &Connection, key: &PublicKey) -> Result<Result<Verified, Findings>, Error> {
    // One transaction is one moment, whatever a writer does meanwhile.
    let moment = connection.unchecked_transaction()?;
    let columns = "SELECT position, bytes, leaf_hash, release, kind, by_name, at_ms FROM entries NOT INDEXED";
    let mut entries = moment.prepare(&format!("{columns} WHERE position >= 0 ORDER BY position"))?;
    // No entry can be there; one that is was moved, and comes last so that it does not hide the others.
    let mut strays = moment.prepare(&format!("{columns} WHERE position < 0"))?;
    let mut checkpoints = moment.prepare("SELECT size, root, signature FROM checkpoints ORDER BY size")?;
    let broken = RefCell::new(None);
    let read = |row: &Row<'_>| found(&moment, row);
    let entries =
        entries.query_map([], read)?.chain(strays.query_map([], read)?).map_while(|row| keep(row, &broken));
    let checkpoints = checkpoints.query_map([], claim)?.map_while(|row| keep(row, &broken));
    let result = verify_ledger(entries, checkpoints, key);
    broken.into_inner().map_or(Ok(result), Err)
}

/// Ends the walk at an error of SQLite, which then counts more than what was found until there.
fn keep<T>(row: Result<T, Error>, broken: &RefCell<Option<Error>>) -> Option<T> {
    row.map_err(|error| broken.replace(Some(error))).ok()
}

fn found(connection: &Connection, row: &Row<'_>) -> Result<Found, Error> {
    let (position, bytes) = (number(row, 0)?, blob(row, 1)?);
    let mut remarks = Vec::new();
    if let Ok(entry) = Entry::from_bytes(&bytes) {
        let columns = misfiled(row, &entry)?.into_iter();
        remarks.extend(columns.map(|column| Finding::EntryMisfiled { position, column: column.to_owned() }));
        remarks.extend(segment::check(connection, &entry)?);
    }
    Ok(Found { position, bytes, leaf_hash: blob(row, 2)?, remarks })
}

/// The columns that say something else than the entry itself.
fn misfiled(row: &Row<'_>, entry: &Entry) -> Result<Vec<&'static str>, Error> {
    let kind = entry.kind().unwrap_or_default();
    let release = entry.release.as_ref().map(ReleaseName::as_str);
    let columns = [
        ("release", row.get_ref(3)? == release.map_or(ValueRef::Null, ValueRef::from)),
        ("kind", row.get_ref(4)? == ValueRef::from(kind.as_str())),
        ("person", row.get_ref(5)? == ValueRef::from(entry.by.name.as_str())),
        ("time", row.get_ref(6)? == ValueRef::Integer(entry.at.as_ms())),
    ];
    Ok(columns.into_iter().filter(|(_, agrees)| !agrees).map(|(column, _)| column).collect())
}

fn claim(row: &Row<'_>) -> Result<Claim, Error> {
    Ok(Claim { size: number(row, 0)?, root: blob(row, 1)?, signature: blob(row, 2)? })
}

/// Bytes as they are; whatever is no bytes at all reads as none, which no hash and no signature fits.
fn blob(row: &Row<'_>, column: usize) -> Result<Vec<u8>, Error> {
    Ok(row.get_ref(column)?.as_bytes().map(<[u8]>::to_vec).unwrap_or_default())
}

/// A number; what cannot be a position reads as the last one thinkable, which is out of order everywhere.
fn number(row: &Row<'_>, column: usize) -> Result<u64, Error> {
    Ok(row.get_ref(column)?.as_i64().ok().and_then(|number| u64::try_from(number).ok()).unwrap_or(u64::MAX))
}
