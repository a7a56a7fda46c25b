//! Reading the record: filtered pages of the ledger. Runs on the asker's task and asks the loop for one run of
//! entries at a time, so that a long search never holds up a release.

use std::sync::Arc;

use ripcord_ledger::{Entry, verify::Finding};
use ripcord_model::blueprint::{BlueprintHash, hex};
use ripcord_store::{
    StoredEntry,
    audit::{self, AuditError},
};

use crate::{
    failure::{Failure, FailureKind},
    handle::{Filter, Handle, Page, Verification},
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
        Failure::new(FailureKind::Unavailable, "ledger-unreadable", message)
            .hinted("run `ripcord audit verify`")
    })
}

fn passes(filter: &Filter, entry: &Entry) -> bool {
    let of_release = filter.release.as_ref().is_none_or(|release| entry.release.as_ref() == Some(release));
    let by = filter.by.as_ref().is_none_or(|by| entry.by.name.as_str() == by);
    let since = filter.since.is_none_or(|since| entry.at >= since);
    let until = filter.until.is_none_or(|until| entry.at < until);
    of_release
        && by
        && since
        && until
        && filter.kind.as_ref().is_none_or(|kind| entry.kind().as_ref() == Some(kind))
}

/// Everything from the first entry on, as an auditor reads it: from the files, not from the loop.
pub(crate) async fn verify(handle: &Handle) -> Result<Verification, Failure> {
    let state = Arc::clone(&handle.state);
    let audited = tokio::task::spawn_blocking(move || audit::verify(&state)).await;
    let audited = audited.map_err(|error| {
        Failure::new(
            FailureKind::Internal,
            "verifier-panicked",
            format!("the ledger could not be verified: {error}"),
        )
    })?;
    match audited {
        Ok(verified) => Ok(Verification {
            verified: true,
            entries: verified.entries,
            root: hex(&verified.root),
            trouble: None,
            position: None,
        }),
        Err(AuditError::NoLedger { .. }) => Ok(nothing_yet()),
        Err(AuditError::Unreadable(error)) => Err(error.into()),
        Err(AuditError::Changed { findings }) => Ok(Verification {
            verified: false,
            entries: findings.entries,
            root: String::new(),
            trouble: Some(findings.to_string()),
            position: findings.listed.iter().find_map(Finding::positions).map(|positions| *positions.start()),
        }),
    }
}

/// A ledger that nobody has begun is not wrong. Its root is that of the empty tree: the hash of nothing.
fn nothing_yet() -> Verification {
    let root = BlueprintHash::of(b"").as_str().to_owned();
    Verification { verified: true, entries: 0, root, trouble: None, position: None }
}
