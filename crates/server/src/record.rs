//! Reading the record: filtered pages of the ledger. Runs on the asker's task and asks the loop for one run of
//! entries at a time, so that a long search never holds up a release.

use ripcord_ledger::Entry;
use ripcord_store::StoredEntry;

use crate::{
    failure::{Failure, FailureKind},
    handle::{Filter, Handle, Page},
    loop_::Request,
};

/// How many entries are asked for at once.
const RUN: usize = 512;
/// How many entries a page has when nobody says.
const PAGE_DEFAULT: usize = 100;
/// How many entries a page has at most.
const PAGE_MAX: usize = 1_000;

/// The first page of entries that pass `filter`.
pub(crate) async fn page(handle: &Handle, filter: &Filter) -> Result<Page, Failure> {
    let limit = filter.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let mut found = Vec::new();
    let mut from = filter.from;
    loop {
        let run = handle.ask(|reply| Request::Entries { from, limit: RUN, reply }).await?;
        if run.entries.is_empty() {
            return Ok(Page { entries: found, next: None, len: run.len });
        }
        for stored in &run.entries {
            from = stored.position + 1;
            let entry = read(stored)?;
            if passes(filter, &entry) {
                found.push(entry);
            }
            if found.len() == limit {
                let next = (from < run.len).then_some(from);
                return Ok(Page { entries: found, next, len: run.len });
            }
        }
    }
}

fn read(stored: &StoredEntry) -> Result<Entry, Failure> {
    Entry::from_bytes(&stored.bytes).map_err(|error| {
        let message = format!("entry {} of the ledger cannot be read: {error}", stored.position);
        Failure::new(FailureKind::Unavailable, "ledger-unreadable", message).hinted("run `ripcord audit verify`")
    })
}

fn passes(filter: &Filter, entry: &Entry) -> bool {
    let of_release = filter.release.as_ref().is_none_or(|release| entry.release.as_ref() == Some(release));
    let by = filter.by.as_ref().is_none_or(|by| entry.by.name.as_str() == by);
    let since = filter.since.is_none_or(|since| entry.at >= since);
    let until = filter.until.is_none_or(|until| entry.at < until);
    of_release && by && since && until && filter.kind.as_ref().is_none_or(|kind| kind_of(entry) == Some(kind.clone()))
}

fn kind_of(entry: &Entry) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Kind {
        kind: String,
    }
    serde_json::from_str::<Kind>(entry.fact.get()).ok().map(|fact| fact.kind)
}

/// Everything from the first entry on.
pub(crate) async fn verify(_handle: &Handle) -> Result<crate::handle::Verification, Failure> {
    Err(Failure::new(FailureKind::Unavailable, "verifier-missing", "the verifier is not linked in yet"))
}
