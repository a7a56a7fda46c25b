//! Every store passes the same suite.

use ripcord_store::{
    MemoryStore, SqliteStore,
    conformance::{Subject, suite},
};

#[test]
fn memory_conforms() {
    suite(|| {
        let store = MemoryStore::new();
        Subject { public_key: store.public_key(), store: Box::new(store) }
    });
}

#[test]
fn sqlite_conforms() {
    let directory = tempfile::tempdir().unwrap();
    let mut number = 0;
    suite(|| {
        number += 1;
        let store = SqliteStore::open(&directory.path().join(number.to_string())).unwrap();
        Subject { public_key: store.public_key().unwrap(), store: Box::new(store) }
    });
}
