//! How fast a long ledger is read. Measures; run it with `--release --run-ignored all --no-capture`.

use std::time::Instant;

use ripcord_ledger::Entry;
use ripcord_store::{SqliteStore, Store, audit, conformance::draft};

const ENTRIES: u64 = 1_000_000;
const PAGE: usize = 4_096;

#[test]
#[ignore = "measures a million entries"]
fn a_million_entries_are_read_within_seconds() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let begun = Instant::now();
    while store.len() < ENTRIES {
        let len = store.len();
        store.append(len, (len..len + 1_000).map(draft).collect()).unwrap();
    }
    println!("written, 1,000 per append:  {:?}", begun.elapsed());
    let begun = Instant::now();
    for len in ENTRIES..ENTRIES + 1_000 {
        store.append(len, vec![draft(len)]).unwrap();
    }
    println!("an append of one entry:     {:?}", begun.elapsed() / 1_000);
    drop(store);

    let begun = Instant::now();
    let store = SqliteStore::open(dir.path()).unwrap();
    let open = begun.elapsed();
    println!("opened, root recomputed:    {open:?}");
    let begun = Instant::now();
    let (mut from, mut bytes) = (0, 0);
    loop {
        let page = store.read(from, PAGE).unwrap();
        let Some(last) = page.last() else { break };
        from = last.position + 1;
        bytes += page.iter().map(|entry| entry.bytes.len()).sum::<usize>();
    }
    let read = begun.elapsed();
    println!("read in pages of {PAGE}:      {read:?} ({} MB)", bytes / 1_000_000);
    assert_eq!(from, ENTRIES + 1_000);
    let begun = Instant::now();
    for entry in store.read(0, 100_000).unwrap() {
        Entry::from_bytes(&entry.bytes).unwrap();
    }
    println!("100,000 read and parsed:    {:?}", begun.elapsed());
    let begun = Instant::now();
    audit::verify(dir.path()).unwrap();
    println!("verified:                   {:?}", begun.elapsed());
    assert!((open + read).as_secs() < 5, "replay has 10 s, reading may take half of it");
}
