//! A journal is looked at by somebody who does not run it.

use std::{fs, path::Path};

use ripcord_runbook::{
    RunbookName,
    execution::{Header, Record},
};
use sha2::{Digest as _, Sha256};

use super::open::{JournalError, lock_path, names, path_of, read};

/// A journal as it lies on the disk.
#[derive(Debug, Clone)]
pub struct Peeked {
    /// Its first line.
    pub header: Header,
    /// The others, without one that was cut off.
    pub records: Vec<Record>,
    /// SHA-256 of the whole lines, lower-case hex.
    pub digest: String,
}

/// Reads the journal of a run, whoever writes it at the moment.
///
/// # Errors
/// When there is none, or it cannot be read or is damaged.
pub fn peek(state: &Path, run: &str) -> Result<Peeked, JournalError> {
    let path = path_of(state, run)?;
    let found = read(&path)?;
    let unreadable = |source| JournalError::Unreadable { path: path.clone(), source };
    let bytes = fs::read(&path).map_err(unreadable)?;
    let whole = usize::try_from(found.length).unwrap_or(usize::MAX).min(bytes.len());
    let digest = Sha256::digest(&bytes[..whole]);
    let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Peeked { header: found.header, records: found.records, digest })
}

/// The names of all runs of all runbooks, in no order.
pub fn all(state: &Path) -> Vec<String> {
    names(state).collect()
}

/// Whether somebody runs the runbook at this moment.
pub fn is_held(state: &Path, runbook: &RunbookName) -> bool {
    let shared = fs::File::open(lock_path(state, runbook)).map(|file| file.try_lock_shared());
    matches!(shared, Ok(Err(fs::TryLockError::WouldBlock)))
}
