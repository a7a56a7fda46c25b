//! The record as this command line reads it by itself: from the state directory, beside a running server or without.

use std::path::Path;

use ripcord_conductor::Conductor;
use ripcord_engine::Status;
use ripcord_ledger::Entry;
use ripcord_model::{ServiceName, Timestamp, blueprint::Artifact};
use ripcord_store::{Filter, SqliteStore, Store as _, StoreError};

use crate::failure::CommandError;

/// Entries of the state directory that pass `filter`; none when there is no ledger yet.
pub fn entries(state: &Path, filter: &Filter) -> Result<Vec<Entry>, CommandError> {
    let Some(store) = SqliteStore::open_read_only(state).map_err(|error| unreadable(state, error))? else {
        return Ok(Vec::new());
    };
    let stored = store.query(filter).map_err(|error| unreadable(state, error))?;
    stored
        .iter()
        .map(|stored| {
            Entry::from_bytes(&stored.bytes).map_err(|error| {
                let message = format!("entry {} of the ledger cannot be read", stored.position);
                CommandError::refused("unreadable-entry", message)
                    .because(error)
                    .hinted("ripcord audit verify")
            })
        })
        .collect()
}

fn unreadable(state: &Path, error: StoreError) -> CommandError {
    let message = format!("the ledger in {} cannot be read", state.display());
    CommandError::refused("unreadable-ledger", message).because(error)
}

/// Everything the record says, replayed without a server; `None` when there is no ledger yet. Nothing is written.
pub fn replayed(state: &Path) -> Result<Option<Conductor<SqliteStore>>, CommandError> {
    let Some(store) = SqliteStore::open_read_only(state).map_err(|error| unreadable(state, error))? else {
        return Ok(None);
    };
    Conductor::open(store).map(Some).map_err(|error| {
        CommandError::refused("unreadable-ledger", "the ledger cannot be replayed")
            .because(error)
            .hinted("ripcord audit verify")
    })
}

/// Where all releases are as far as the record says, oldest first.
pub fn statuses(state: &Path, now: Timestamp) -> Result<Vec<Status>, CommandError> {
    let Some(conductor) = replayed(state)? else { return Ok(Vec::new()) };
    let names = conductor.releases();
    Ok(names.iter().filter_map(|name| conductor.status(name, now).ok()).collect())
}

/// The candidate of the newest complete release of `service`; unknown when the record does not say.
pub fn last_good(state: &Path, service: &ServiceName) -> Option<Artifact> {
    replayed(state).ok().flatten()?.last_good(service)
}
