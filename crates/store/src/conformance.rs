//! The suite every store passes. A store joins with one line:
//!
//! ```ignore
//! #[test]
//! fn postgres_conforms() { ripcord_store::conformance::suite(|| Subject { store, public_key }); }
//! ```
//!
//! What only some stores can show (survival of a crash, exclusion of a second process) is tested beside them.

use ripcord_ledger::{Draft, Entry, PublicKey, leaf_hash, verify};
use ripcord_model::{Actor, Person, ReleaseName, Timestamp};

use crate::{BlockRecord, Filter, Kept, KeptChange, Store, StoreError, StoredEntry};

/// An empty store, and what its checkpoints are verified with.
pub struct Subject {
    /// The store.
    pub store: Box<dyn Store>,
    /// The public half of the key it signs with.
    pub public_key: PublicKey,
}

type Case = (&'static str, fn(Subject));

/// Runs every case, each on a new empty store from `make`. Panics with the first thing a store gets wrong.
pub fn suite(mut make: impl FnMut() -> Subject) {
    let cases: &[Case] = &[
        ("an empty store is empty", empty),
        ("appended entries come back as they were", appended_entries_come_back),
        ("an unexpected position changes nothing", an_unexpected_position_changes_nothing),
        ("appending nothing is nothing", appending_nothing_is_nothing),
        ("reading in pages gives every entry once", pages),
        ("every append is signed", every_append_is_signed),
        ("what was written verifies", what_was_written_verifies),
        ("queries find what a reader of everything finds", queries),
        ("blocks come back in order and only once", blocks),
        ("records beside the ledger change with it or not at all", records),
        ("numbers no ledger reaches are no error", huge_numbers),
    ];
    for (name, case) in cases {
        eprintln!("store: {name}");
        case(make());
    }
}

fn release(name: &str) -> ReleaseName {
    ReleaseName::new(name).expect("the suite uses valid names")
}

/// An entry about one of two releases, by one of two people, of one of three kinds, a second after the one before.
pub fn draft(number: u64) -> Draft {
    let kind = ["shipped", "promoted", "held"][number as usize % 3];
    let fact = serde_json::json!({"kind": kind, "why": format!("no. {number}: ü \" \\ \u{2028}")});
    let by = if number.is_multiple_of(2) { "ripcord" } else { "nadia.k" };
    Draft {
        at: Timestamp::from_ms(1_790_000_000_000 + number as i64 * 1_000),
        by: Actor::person(Person::new(by).expect("the suite uses valid names")),
        release: [None, Some(release("exam-v2")), Some(release("exam-v3"))][number as usize % 5 % 3].clone(),
        fact: serde_json::value::to_raw_value(&fact).expect("plain JSON"),
    }
}

fn drafts(numbers: std::ops::Range<u64>) -> Vec<Draft> {
    numbers.map(draft).collect()
}

fn block(seq: u64, ledger_len: u64) -> BlockRecord {
    BlockRecord { seq, ledger_len, bytes: format!("block {seq}").into_bytes() }
}

fn all(store: &dyn Store) -> Vec<StoredEntry> {
    store.read(0, usize::MAX).expect("a store reads what it wrote")
}

fn empty(Subject { store, .. }: Subject) {
    assert!(store.is_empty());
    assert_eq!(store.len(), 0);
    assert_eq!(store.read(0, 10).expect("reads"), []);
    assert_eq!(store.checkpoint().expect("reads"), None);
    assert_eq!(store.checkpoints(0, 10).expect("reads"), []);
    assert_eq!(store.query(&Filter::default()).expect("reads"), []);
    assert_eq!(store.read_blocks(&release("exam-v2"), 0, 10).expect("reads"), []);
}

fn appended_entries_come_back(Subject { mut store, .. }: Subject) {
    let first = store.append(0, drafts(0..3)).expect("appends");
    assert_eq!((first.first, first.len), (0, 3));
    let second = store.append(3, drafts(3..4)).expect("appends");
    assert_eq!((second.first, second.len, store.len()), (3, 4, 4));
    for (position, stored) in all(&*store).into_iter().enumerate() {
        let position = position as u64;
        assert_eq!(stored.position, position);
        assert_eq!(stored.bytes, Entry::at_position(draft(position), position).to_bytes());
        assert_eq!(stored.leaf_hash, leaf_hash(&stored.bytes));
    }
}

fn an_unexpected_position_changes_nothing(Subject { mut store, .. }: Subject) {
    store.append(0, drafts(0..3)).expect("appends");
    let (entries, checkpoint) = (all(&*store), store.checkpoint().expect("reads"));
    for expected in [0, 2, 4, u64::MAX] {
        let refused = store.append(expected, drafts(3..5));
        assert!(
            matches!(refused, Err(StoreError::Conflict { expected: told, actual: 3 }) if told == expected),
            "{refused:?}"
        );
    }
    assert_eq!((all(&*store), store.checkpoint().expect("reads")), (entries, checkpoint));
    assert_eq!(store.append(3, drafts(3..4)).expect("goes on as if nothing had been").len, 4);
}

fn appending_nothing_is_nothing(Subject { mut store, .. }: Subject) {
    assert_eq!(store.append(0, Vec::new()).expect("appends").len, 0);
    assert_eq!(store.checkpoint().expect("reads"), None);
    store.append(0, drafts(0..2)).expect("appends");
    let nothing = store.append(2, Vec::new()).expect("appends");
    assert_eq!((nothing.first, nothing.len), (2, 2));
    assert!(matches!(store.append(1, Vec::new()), Err(StoreError::Conflict { expected: 1, actual: 2 })));
}

fn pages(Subject { mut store, .. }: Subject) {
    for number in 0..23 {
        store.append(number, drafts(number..number + 1)).expect("appends");
    }
    for size in [1, 7, 23, 100] {
        let mut read = Vec::new();
        loop {
            let page = store.read(read.len() as u64, size).expect("reads");
            assert!(page.len() <= size);
            if page.is_empty() {
                break;
            }
            read.extend(page);
        }
        assert_eq!(read, all(&*store), "pages of {size}");
    }
    assert_eq!(store.read(0, 0).expect("reads"), []);
    assert_eq!(store.read(23, 5).expect("reads"), []);
}

fn every_append_is_signed(Subject { mut store, public_key }: Subject) {
    for (expected, count) in [(0, 1), (1, 5), (6, 2)] {
        store.append(expected, drafts(expected..expected + count)).expect("appends");
        let newest = store.checkpoint().expect("reads").expect("an append leaves a checkpoint");
        assert_eq!(newest.size, store.len());
        assert!(public_key.signed(&newest));
    }
    let kept = store.checkpoints(0, usize::MAX).expect("reads");
    assert_eq!(kept.last(), store.checkpoint().expect("reads").as_ref());
    assert!(kept.is_sorted_by_key(|checkpoint| checkpoint.size));
    assert!(store.checkpoints(9, 10).expect("reads").is_empty());
}

fn what_was_written_verifies(Subject { mut store, public_key }: Subject) {
    for number in 0..40 {
        store.append(number, drafts(number..number + 1)).expect("appends");
    }
    let rows = all(&*store).into_iter().map(|stored| verify::Row {
        position: stored.position,
        bytes: stored.bytes,
        leaf_hash: stored.leaf_hash.to_vec(),
        remarks: Vec::new(),
    });
    let claims = store.checkpoints(0, usize::MAX).expect("reads").into_iter().map(|kept| verify::Claim {
        size: kept.size,
        root: kept.root.to_vec(),
        signature: kept.signature,
    });
    let verified = verify::verify(rows, claims, &public_key).unwrap_or_else(|findings| panic!("{findings}"));
    assert_eq!(verified.entries, 40);
    assert_eq!(Some(verified.root), store.checkpoint().expect("reads").map(|newest| newest.root));
}

fn queries(Subject { mut store, .. }: Subject) {
    store.append(0, drafts(0..60)).expect("appends");
    let at = |number: i64| Some(Timestamp::from_ms(1_790_000_000_000 + number * 1_000));
    let everything = Filter { limit: usize::MAX, ..Filter::default() };
    let filters = [
        everything.clone(),
        Filter { release: Some(release("exam-v2")), ..everything.clone() },
        Filter { release: Some(release("unknown")), ..everything.clone() },
        Filter { kind: Some("held".into()), ..everything.clone() },
        Filter { by: Person::new("nadia.k").ok(), ..everything.clone() },
        Filter { since: at(10), until: at(20), ..everything.clone() },
        Filter { since: at(20), until: at(10), ..everything.clone() },
        Filter { from: 31, ..everything.clone() },
        Filter { limit: 4, from: 3, kind: Some("shipped".into()), ..everything.clone() },
        Filter { limit: 0, ..everything.clone() },
        Filter { kind: Some("' OR 1=1 --".into()), ..everything.clone() },
        Filter {
            release: Some(release("exam-v3")),
            kind: Some("promoted".into()),
            by: Person::new("ripcord").ok(),
            since: at(3),
            until: at(57),
            from: 2,
            limit: 2,
        },
    ];
    for filter in filters {
        let read = |stored: &StoredEntry| Entry::from_bytes(&stored.bytes).expect("its own entries");
        let mut expected: Vec<_> =
            all(&*store).into_iter().filter(|stored| filter.passes(&read(stored))).collect();
        expected.truncate(filter.limit);
        assert_eq!(store.query(&filter).expect("reads"), expected, "{filter:?}");
    }
}

fn blocks(Subject { mut store, .. }: Subject) {
    let (second, third) = (release("exam-v2"), release("exam-v3"));
    for seq in [0, 1, 5, 3] {
        store.append_block(&second, &block(seq, 2)).expect("appends");
    }
    store.append_block(&third, &block(1, 9)).expect("appends");
    let again = BlockRecord { bytes: b"another".to_vec(), ..block(1, 7) };
    store.append_block(&second, &again).expect("a number already there is no error");
    let read = |release: &ReleaseName, from, limit| store.read_blocks(release, from, limit).expect("reads");
    assert_eq!(read(&second, 0, 10), [block(0, 2), block(1, 2), block(3, 2), block(5, 2)]);
    assert_eq!(read(&second, 2, 1), [block(3, 2)]);
    assert_eq!(read(&third, 0, 10), [block(1, 9)]);
    assert_eq!(read(&third, 2, 10), []);
    assert!(store.is_empty(), "blocks are not entries");
}

fn records(Subject { mut store, .. }: Subject) {
    let record = |kind: &str, key: &str, bytes: &str| Kept {
        kind: kind.to_owned(),
        key: key.to_owned(),
        bytes: bytes.as_bytes().to_vec(),
    };
    let put = |kind, key, bytes| KeptChange::Put(record(kind, key, bytes));
    let remove = |kind: &str, key: &str| KeptChange::Remove { kind: kind.to_owned(), key: key.to_owned() };
    assert_eq!(store.kept().expect("reads"), []);
    let changes = vec![put("user", "lea", "1"), put("token", "lea", "2"), put("user", "ada", "3")];
    store.append_keeping(0, drafts(0..1), changes).expect("keeps");
    let all = [record("token", "lea", "2"), record("user", "ada", "3"), record("user", "lea", "1")];
    assert_eq!(store.kept().expect("reads"), all);

    let refused = store.append_keeping(0, drafts(1..2), vec![remove("user", "lea")]);
    assert!(matches!(refused, Err(StoreError::Conflict { expected: 0, actual: 1 })), "{refused:?}");
    assert_eq!((store.kept().expect("reads").len(), store.len()), (3, 1), "all or nothing");

    let changes = vec![put("user", "lea", "' OR 1=1 --"), remove("user", "ada"), remove("user", "nobody")];
    let appended = store.append_keeping(1, Vec::new(), changes).expect("keeps without an entry");
    assert_eq!((appended.first, appended.len), (1, 1));
    let all = [record("token", "lea", "2"), record("user", "lea", "' OR 1=1 --")];
    assert_eq!(store.kept().expect("reads"), all);
    assert_eq!(store.append(1, drafts(1..2)).expect("goes on").len, 2);
}

fn huge_numbers(Subject { mut store, .. }: Subject) {
    store.append(0, drafts(0..2)).expect("appends");
    assert_eq!(store.read(u64::MAX, usize::MAX).expect("reads"), []);
    assert_eq!(store.checkpoints(u64::MAX, usize::MAX).expect("reads"), []);
    assert_eq!(store.query(&Filter { from: u64::MAX, ..Filter::default() }).expect("reads"), []);
    assert_eq!(store.read_blocks(&release("exam-v2"), u64::MAX, usize::MAX).expect("reads"), []);
}
