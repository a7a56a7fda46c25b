//! What SQLite's refusals mean to whoever uses the store.

use std::path::Path;

use rusqlite::{Error, ErrorCode};

use crate::port::StoreError;

/// For a failed write.
pub(super) fn on_write(path: &Path, error: &Error) -> StoreError {
    let path = path.display().to_string();
    let reason = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked { path },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged { path, reason },
        // Disk full, input or output failure, read-only file, file too large: not writable, whatever the cause.
        _ => StoreError::Unwritable { path, reason },
    }
}

/// For a failed read.
pub(crate) fn on_read(path: &Path, error: &Error) -> StoreError {
    let path = path.display().to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked { path },
        _ => StoreError::Damaged { path, reason: error.to_string() },
    }
}

/// SQLite counts in signed numbers; no ledger gets as long as the difference.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A limit as SQLite wants it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
