//! What several tests need: a ledger on disk, and a way to its tables past the store.

use std::path::Path;

use ripcord_store::{SqliteStore, Store, conformance::draft, state_dir};
use rusqlite::Connection;

/// Appends one entry after the other to the ledger in `dir`, until it has `len`.
pub fn fill(dir: &Path, len: u64) {
    let mut store = SqliteStore::open(dir).expect("opens");
    for number in store.len()..len {
        store.append(number, vec![draft(number)]).expect("appends");
    }
}

/// The tables, past the store.
pub fn raw(dir: &Path) -> Connection {
    Connection::open(state_dir::ledger_path(dir)).expect("opens")
}
