//! What a release decided, computed again from its record alone.

use ripcord_engine::{Block, Event, PlacedBlock, PlacedFact, Recomputed, recompute};
use ripcord_ledger::Entry;
use ripcord_model::ReleaseName;
use ripcord_store::{Store, StoredEntry};

use crate::{error::ConductorError, papers::paper_of};

/// Entries or blocks read at once.
const PAGE: usize = 4_096;

/// Every verdict of `release` as it was recorded and as it comes out again, in the order of the record.
///
/// # Errors
/// [`ConductorError`] when nobody has created the release, the store cannot be read, or holds what this program cannot
/// read.
pub fn verdicts_again<S: Store>(store: &S, release: &ReleaseName) -> Result<Vec<Recomputed>, ConductorError> {
    let facts = facts_of(store, release)?;
    let Some(position) = facts.first().map(|fact| fact.position) else {
        return Err(ConductorError::NoSuchRelease(release.clone()));
    };
    recompute(facts, blocks_of(store, release)?)
        .map_err(|error| ConductorError::Unreadable { position, reason: error.to_string() })
}

fn facts_of<S: Store>(store: &S, release: &ReleaseName) -> Result<Vec<PlacedFact>, ConductorError> {
    let mut facts = Vec::new();
    let mut from = 0;
    loop {
        let page = store.read(from, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(facts);
        };
        from = last.position + 1;
        for stored in &page {
            facts.extend(fact(stored, release)?);
        }
    }
}

/// The fact of an entry, if it is one of `release`.
fn fact(stored: &StoredEntry, release: &ReleaseName) -> Result<Option<PlacedFact>, ConductorError> {
    let position = stored.position;
    let unreadable = |reason: String| ConductorError::Unreadable { position, reason };
    let entry = Entry::from_bytes(&stored.bytes).map_err(|error| unreadable(error.to_string()))?;
    if entry.release.as_ref() != Some(release) {
        return Ok(None);
    }
    match serde_json::from_str::<Event>(entry.fact.get()) {
        Ok(event) => Ok(Some(PlacedFact { position, at: entry.at, event })),
        // A paper moves no release.
        Err(_) if paper_of(&entry).is_some() => Ok(None),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

fn blocks_of<S: Store>(store: &S, release: &ReleaseName) -> Result<Vec<PlacedBlock>, ConductorError> {
    let mut blocks = Vec::new();
    let mut next_seq = 0;
    loop {
        let page = store.read_blocks(release, next_seq, PAGE)?;
        for record in &page {
            let block: Block = serde_json::from_slice(&record.bytes).map_err(|error| {
                let reason = format!("block {} of {release}: {error}", record.seq);
                ConductorError::Unreadable { position: record.ledger_len, reason }
            })?;
            blocks.push(PlacedBlock { ledger_len: record.ledger_len, block });
        }
        match page.last() {
            Some(last) if page.len() == PAGE => next_seq = last.seq + 1,
            Some(_) | None => return Ok(blocks),
        }
    }
}
