//! The record as this command line reads it by itself: from the state directory, beside a running server or without.

use std::path::Path;

use ripcord_conductor::Conductor;
use ripcord_engine::{Event, Status};
use ripcord_ledger::Entry;
use ripcord_model::{ReleaseName, ServiceName, Timestamp, blueprint::Artifact};
use ripcord_store::{Filter, SqliteStore, Store as _, StoreError};

use crate::{context::Context, desk, failure::CommandError};

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

/// How many entries are read at once.
const PAGE: usize = 1_000;

/// Every entry that passes `filter`, from the server that was named, or else from the state directory; `filter.limit` and
/// `filter.from` are not looked at.
pub fn read(context: &Context, filter: Filter) -> Result<Vec<Entry>, CommandError> {
    let mut found: Vec<Entry> = Vec::new();
    let mut from = 0;
    loop {
        let filter = Filter { from, limit: PAGE, ..filter.clone() };
        let page = match &context.server {
            Some(_) => from_server(context, filter)?,
            None => entries(&context.state()?, &filter)?,
        };
        let Some(last) = page.last() else { return Ok(found) };
        from = last.position + 1;
        let is_last = page.len() < PAGE;
        found.extend(page);
        if is_last {
            return Ok(found);
        }
    }
}

/// Every entry of the rehearsals of a release.
pub fn rehearsals(context: &Context, release: &ReleaseName) -> Result<Vec<Entry>, CommandError> {
    let created = read(context, Filter { kind: Some("created".to_owned()), ..Filter::default() })?;
    let of = |entry: &Entry| {
        let Ok(Event::Created { blueprint, .. }) = serde_json::from_str(entry.fact.get()) else {
            return None;
        };
        blueprint.rehearsal.map(|of| of.release)
    };
    let rehearsals = created.iter().filter(|entry| of(entry).as_ref() == Some(release));
    let mut found = Vec::new();
    for rehearsal in rehearsals.filter_map(|entry| entry.release.clone()) {
        found.extend(read(context, Filter { release: Some(rehearsal), ..Filter::default() })?);
    }
    Ok(found)
}

fn from_server(context: &Context, filter: Filter) -> Result<Vec<Entry>, CommandError> {
    let Filter { release, kind, by, since, until, from, limit } = filter;
    let by = by.map(String::from);
    let asked = ripcord_server::Filter { from, limit: Some(limit), release, kind, by, since, until };
    let client = desk::client(context)?;
    let page = desk::runtime()?.block_on(client.ledger(&asked));
    Ok(page.map_err(|error| desk::failure(context, error))?.entries)
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
