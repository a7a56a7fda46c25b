//! The record as this command line reads it by itself: from the state directory, beside a running server or without.

use std::path::Path;

use ripcord_engine::Event;
use ripcord_ledger::Entry;
use ripcord_model::{ServiceName, blueprint::Artifact};
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
                CommandError::refused("unreadable-entry", message).because(error).hinted("ripcord audit verify")
            })
        })
        .collect()
}

fn unreadable(state: &Path, error: StoreError) -> CommandError {
    let message = format!("the ledger in {} cannot be read", state.display());
    CommandError::refused("unreadable-ledger", message).because(error)
}

/// The candidate of the newest complete release of `service`; unknown when the record does not say.
pub fn last_good(state: &Path, service: &ServiceName) -> Option<Artifact> {
    let of_kind = |kind: &str| {
        let filter = Filter { kind: Some(kind.to_owned()), limit: usize::MAX, ..Filter::default() };
        entries(state, &filter).unwrap_or_default()
    };
    let created = of_kind("created");
    of_kind("completed").into_iter().rev().find_map(|completed| {
        let entry = created.iter().find(|entry| entry.release == completed.release)?;
        match serde_json::from_str::<Event>(entry.fact.get()).ok()? {
            Event::Created { blueprint, .. } if blueprint.service == *service => Some(blueprint.candidate),
            _ => None,
        }
    })
}
