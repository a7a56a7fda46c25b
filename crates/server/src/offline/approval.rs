//! Whether the record says that somebody agreed to a step of a run. The record is read as it lies on the disk, beside a running
//! server or without one; only a server writes it, and it takes an approval from nobody who runs the runbook.

use std::path::Path;

use ripcord_ledger::Entry;
use ripcord_model::paper::Paper;
use ripcord_runner::effects::{Approval, NeedsApproval};
use ripcord_store::{Filter, SqliteStore, Store as _};

/// The newest approval of the step in the ledger below `state`. Blocking.
pub(super) fn on_record(state: &Path, asked: &NeedsApproval) -> Approval {
    let store = match SqliteStore::open_read_only(state) {
        Ok(Some(store)) => store,
        Ok(None) => {
            return Approval::NoRecord("there is no record here (`ripcord serve` begins one)".to_owned());
        }
        Err(error) => return Approval::NoRecord(error.to_string()),
    };
    let kind = Some("runbook-step-approved".to_owned());
    let filter = Filter { kind, since: Some(asked.started_at), ..Filter::default() };
    let stored = match store.query(&filter) {
        Ok(stored) => stored,
        Err(error) => return Approval::NoRecord(error.to_string()),
    };
    let entries = stored.iter().rev().filter_map(|stored| Entry::from_bytes(&stored.bytes).ok());
    let mut approvals = entries.filter(|entry| is_of(entry, asked));
    approvals.next().map_or(Approval::NotYet, |entry| Approval::Given(entry.by))
}

fn is_of(entry: &Entry, asked: &NeedsApproval) -> bool {
    let Ok(Paper::RunbookStepApproved(approved)) = serde_json::from_str(entry.fact.get()) else {
        return false;
    };
    approved.run == asked.run
        && approved.started == asked.started_at
        && approved.hash == asked.hash.as_str()
        && approved.step == asked.step.as_str()
}
