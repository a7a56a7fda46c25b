//! Observations that a fact made part of the record are proven like the fact itself.

use std::path::Path;

use ripcord_ledger::{Draft, verify::Finding};
use ripcord_model::{Actor, ReleaseName, Timestamp};
use ripcord_store::{
    BlockRecord, SqliteStore, Store,
    audit::{AuditError, verify},
    conformance::draft,
    state_dir,
};
use rusqlite::Connection;

/// SHA-256 of "block 2\nblock 3\nblock 5\n", by `printf 'block 2\nblock 3\nblock 5\n' | sha256sum`.
const DIGEST: &str = "a039395ac51d75bea5fb9c236f9f02738381a7131f4748bcdad870845b96c785";

fn raw(dir: &Path) -> Connection {
    Connection::open(state_dir::ledger_path(dir)).unwrap()
}

fn fill(dir: &Path) {
    let release = ReleaseName::new("exam-v2").unwrap();
    let mut store = SqliteStore::open(dir).unwrap();
    store.append(0, vec![draft(0)]).unwrap();
    for seq in [1, 2, 3, 5, 8] {
        let block = BlockRecord { seq, ledger_len: 1, bytes: format!("block {seq}").into_bytes() };
        store.append_block(&release, &block).unwrap();
        store.append_block(&ReleaseName::new("exam-v3").unwrap(), &block).unwrap();
    }
    let fact = format!(r#"{{"kind":"segment-closed","first_seq":2,"last_seq":5,"digest":"{DIGEST}"}}"#);
    let fact = serde_json::value::RawValue::from_string(fact).unwrap();
    let closed = Draft { at: Timestamp::from_ms(0), by: Actor::ripcord(), release: Some(release), fact };
    store.append(1, vec![closed]).unwrap();
}

#[test]
fn a_segment_is_what_its_fact_says() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    assert_eq!(verify(dir.path()).unwrap().entries, 2);
    for harmless in [
        "DELETE FROM blocks WHERE seq IN (1, 8)",
        "UPDATE blocks SET bytes = x'00' WHERE release = 'exam-v3'",
    ] {
        raw(dir.path()).execute(harmless, []).unwrap();
        assert_eq!(verify(dir.path()).unwrap().entries, 2, "{harmless}");
    }
}

#[test]
fn a_changed_segment_names_the_fact_that_closed_it() {
    for change in [
        "UPDATE blocks SET bytes = x'00' WHERE seq = 3 AND release = 'exam-v2'",
        "DELETE FROM blocks WHERE seq = 2 AND release = 'exam-v2'",
        "UPDATE blocks SET seq = 4 WHERE seq = 1 AND release = 'exam-v2'",
        "DELETE FROM blocks",
    ] {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path());
        raw(dir.path()).execute(change, []).unwrap();
        let Err(AuditError::Changed { findings }) = verify(dir.path()) else {
            panic!("{change} was not found")
        };
        let expected = Finding::SegmentDiffers { position: 1, first_seq: 2, last_seq: 5 };
        assert_eq!(findings.listed, [expected], "{change}");
    }
}
