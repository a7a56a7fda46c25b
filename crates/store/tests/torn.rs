//! What a power failure leaves: a write-ahead log that ends anywhere, or whose middle never reached the disk. The
//! ledger is then a shorter one, never a broken one, and no fact survives a block that was stored before it.

use std::{fs, path::Path};

use ripcord_model::ReleaseName;
use ripcord_store::{BlockRecord, SqliteStore, Store, audit, conformance::draft};

const APPENDS: u64 = 12;

/// What is on the disk of a running writer, copied under its hands.
fn running_writer(dir: &Path) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let mut store = SqliteStore::open(dir).unwrap();
    for number in 0..APPENDS {
        let block = BlockRecord { seq: number, ledger_len: number, bytes: vec![number as u8; 300] };
        store.append_block(&ReleaseName::new("exam-v2").unwrap(), &block).unwrap();
        store.append(number, vec![draft(number)]).unwrap();
    }
    let read = |name: &str| fs::read(dir.join(name)).unwrap();
    (read("ledger.db"), read("ledger.db-wal"), read("key"))
}

/// What is found when the machine comes back: how many entries.
fn come_back(database: &[u8], log: &[u8], key: &[u8]) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [("ledger.db", database), ("ledger.db-wal", log), ("key", key)] {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let len = store.len();
    let blocks = store.read_blocks(&ReleaseName::new("exam-v2").unwrap(), 0, usize::MAX).unwrap();
    let expected = len..=(len + 1).min(APPENDS);
    assert!(expected.contains(&(blocks.len() as u64)), "{} blocks before {len} entries", blocks.len());
    assert_eq!(audit::verify(dir.path()).unwrap().entries, len);
    store.append(len, vec![draft(len)]).unwrap();
    assert_eq!(audit::verify(dir.path()).unwrap().entries, len + 1);
    len
}

#[test]
fn a_log_that_ends_anywhere_leaves_a_shorter_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let (database, log, key) = running_writer(dir.path());
    assert_eq!(come_back(&database, &log, &key), APPENDS, "nothing is lost with the whole log");
    let mut longest = 0;
    for end in (0..log.len()).step_by(2_741) {
        let len = come_back(&database, &log[..end], &key);
        assert!(len >= longest, "a longer log never means a shorter ledger");
        longest = len;
    }
    assert!((1..=APPENDS).contains(&longest));
}

#[test]
fn a_log_with_a_hole_ends_at_the_hole() {
    let dir = tempfile::tempdir().unwrap();
    let (database, log, key) = running_writer(dir.path());
    let mut lengths = Vec::new();
    for hole in (0..log.len() - 512).step_by(9_973) {
        let mut log = log.clone();
        log[hole..hole + 512].iter_mut().for_each(|byte| *byte ^= 0x5a);
        lengths.push(come_back(&database, &log, &key));
    }
    assert!(lengths.is_sorted(), "{lengths:?}");
    assert!(lengths.iter().any(|len| *len < APPENDS), "{lengths:?}");
}
