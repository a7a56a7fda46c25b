//! Whatever is changed in the tables, the audit finds it and names the entry.

mod common;

use std::path::Path;

use common::{fill, raw};
use ripcord_ledger::{Signer, leaf_hash, verify::Finding};
use ripcord_store::{
    SqliteStore, Store,
    audit::{AuditError, verify, verify_with_key},
    conformance::draft,
};
use rusqlite::{Connection, params};

fn findings(dir: &Path) -> Vec<Finding> {
    match verify(dir) {
        Err(AuditError::Changed { findings }) => findings.listed,
        other => panic!("a change was not found: {other:?}"),
    }
}

/// The one finding there must be.
fn only(dir: &Path) -> Finding {
    let mut findings = findings(dir);
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

/// Flips a bit in every byte of one cell, one byte after the other, and hands each state to `check`.
fn flip_every_byte(tables: &Connection, table: &str, column: &str, row: i64, mut check: impl FnMut(usize)) {
    let key = if table == "entries" { "position" } else { "size" };
    let select = format!("SELECT {column} FROM {table} WHERE {key} = ?1");
    let update = format!("UPDATE {table} SET {column} = ?2 WHERE {key} = ?1");
    let original: Vec<u8> = tables.query_row(&select, [row], |row| row.get(0)).unwrap();
    for index in 0..original.len() {
        let mut changed = original.clone();
        changed[index] ^= 1 << (index % 8);
        tables.execute(&update, params![row, changed]).unwrap();
        check(index);
    }
    tables.execute(&update, params![row, original]).unwrap();
}

#[test]
fn an_untouched_ledger_verifies_while_its_writer_works() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(verify(dir.path()).unwrap().entries, 0);
    for number in 0..30 {
        store.append(number, vec![draft(number)]).unwrap();
        let verified = verify(dir.path()).unwrap();
        assert_eq!((verified.entries, verified.checkpoints), (number + 1, number + 1));
        assert_eq!(verified.root, store.checkpoint().unwrap().unwrap().root);
    }
    drop(store);
    assert_eq!(verify(dir.path()).unwrap().entries, 30);
}

#[test]
fn a_flip_in_any_byte_of_an_entry_names_that_entry() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 8);
    let tables = raw(dir.path());
    for position in [0, 3, 7] {
        for column in ["bytes", "leaf_hash"] {
            flip_every_byte(&tables, "entries", column, position, |index| {
                let finding = only(dir.path());
                let named = position as u64..=position as u64;
                assert_eq!(finding.positions(), Some(named), "{column}, byte {index}: {finding}");
            });
        }
    }
    assert_eq!(verify(dir.path()).unwrap().entries, 8);
}

#[test]
fn a_flip_in_any_byte_of_a_checkpoint_names_that_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 5);
    let tables = raw(dir.path());
    for size in [1, 3, 5] {
        for column in ["root", "signature"] {
            flip_every_byte(&tables, "checkpoints", column, size, |index| {
                assert_eq!(
                    only(dir.path()),
                    Finding::SignatureWrong { size: size as u64 },
                    "{column}, byte {index}"
                );
            });
        }
    }
    assert_eq!(verify(dir.path()).unwrap().entries, 5);
}

#[test]
fn an_entry_rewritten_with_its_hash_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 8);
    let tables = raw(dir.path());
    let bytes: Vec<u8> =
        tables.query_row("SELECT bytes FROM entries WHERE position = 4", [], |row| row.get(0)).unwrap();
    let text = String::from_utf8(bytes).unwrap().replace("no. 4", "no. 5");
    let update = "UPDATE entries SET bytes = ?1, leaf_hash = ?2 WHERE position = 4";
    tables.execute(update, params![text.as_bytes(), leaf_hash(text.as_bytes())]).unwrap();
    assert_eq!(only(dir.path()), Finding::RootDiffers { size: 5, first: 4, last: 4 });
}

#[test]
fn deleted_rows_are_named() {
    for (delete, expected) in [
        ("DELETE FROM entries WHERE position >= 6", Finding::Truncated { first: 6, last: 7, signed: 8 }),
        ("DELETE FROM entries WHERE position = 7", Finding::Truncated { first: 7, last: 7, signed: 8 }),
        ("DELETE FROM entries", Finding::Truncated { first: 0, last: 7, signed: 8 }),
        ("DELETE FROM entries WHERE position IN (2, 3)", Finding::EntriesMissing { first: 2, last: 3 }),
        ("DELETE FROM checkpoints WHERE size > 5", Finding::Unsigned { first: 5, last: 7 }),
        ("DELETE FROM checkpoints", Finding::Unsigned { first: 0, last: 7 }),
    ] {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path(), 8);
        raw(dir.path()).execute(delete, []).unwrap();
        assert_eq!(only(dir.path()), expected, "{delete}");
    }
}

#[test]
fn moved_and_exchanged_rows_are_named() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 8);
    raw(dir.path()).execute("UPDATE entries SET position = -1 WHERE position = 2", []).unwrap();
    let named: Vec<_> = findings(dir.path()).iter().filter_map(Finding::positions).collect();
    assert_eq!(named[0], 2..=2, "{named:?}");

    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 8);
    raw(dir.path())
        .execute_batch(
            "UPDATE entries SET position = 100 WHERE position = 2;
             UPDATE entries SET position = 2 WHERE position = 3;
             UPDATE entries SET position = 3 WHERE position = 100;",
        )
        .unwrap();
    let findings = findings(dir.path());
    assert!(findings.contains(&Finding::PositionDiffers { position: 2, inside: 3 }), "{findings:?}");
    assert!(findings.contains(&Finding::PositionDiffers { position: 3, inside: 2 }), "{findings:?}");
}

#[test]
fn an_entry_filed_under_something_else_is_named() {
    for (change, column) in [
        ("release = 'exam-v9'", "release"),
        ("release = NULL", "release"),
        ("kind = 'completed'", "kind"),
        ("by_name = 'mallory'", "person"),
        ("at_ms = at_ms + 1", "time"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path(), 8);
        raw(dir.path()).execute(&format!("UPDATE entries SET {change} WHERE position = 1"), []).unwrap();
        assert_eq!(
            only(dir.path()),
            Finding::EntryMisfiled { position: 1, column: column.into() },
            "{change}"
        );
    }
}

#[test]
fn a_ledger_signed_anew_is_not_accepted_by_who_kept_the_key() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 3);
    let kept = SqliteStore::open(dir.path()).unwrap().public_key().unwrap();
    let forger = Signer::from_seed([1; 32]);
    let tables = raw(dir.path());
    let sizes = SqliteStore::open_read_only(dir.path()).unwrap().unwrap().checkpoints(0, 10).unwrap();
    for old in sizes {
        let new = forger.checkpoint(old.size, old.root);
        let update = "UPDATE checkpoints SET signature = ?2 WHERE size = ?1";
        tables.execute(update, params![new.size as i64, new.signature]).unwrap();
    }
    std::fs::write(dir.path().join("key.pub"), format!("{}\n", forger.public_key())).unwrap();
    assert!(verify(dir.path()).is_ok(), "with the key exchanged as well nothing shows");
    assert!(matches!(verify_with_key(dir.path(), &kept), Err(AuditError::Changed { .. })));
}

#[test]
fn no_ledger_and_no_key_have_words_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(verify(dir.path()), Err(AuditError::NoLedger { .. })));
    fill(dir.path(), 1);
    std::fs::write(dir.path().join("key.pub"), "ripcord\n").unwrap();
    let error = verify(dir.path()).unwrap_err();
    assert!(matches!(error, AuditError::Unreadable(_)), "{error}");
    assert!(error.to_string().contains("key.pub"), "{error}");
}

#[test]
fn nothing_is_appended_to_a_changed_ledger() {
    for change in [
        "UPDATE entries SET leaf_hash = zeroblob(32) WHERE position = 1",
        "UPDATE entries SET leaf_hash = zeroblob(31) WHERE position = 1",
        "UPDATE checkpoints SET signature = zeroblob(64) WHERE size = 3",
        "DELETE FROM entries WHERE position = 2",
        "DELETE FROM entries WHERE position = 1",
        "DELETE FROM checkpoints",
    ] {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path(), 3);
        raw(dir.path()).execute(change, []).unwrap();
        let error = SqliteStore::open(dir.path()).expect_err(change);
        assert!(matches!(error, ripcord_store::StoreError::Damaged { .. }), "{change}: {error}");
    }
}

#[test]
fn a_changed_entry_is_not_read_but_can_be_shown() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 3);
    raw(dir.path()).execute("UPDATE entries SET bytes = x'7b7d' WHERE position = 1", []).unwrap();
    let store = SqliteStore::open_read_only(dir.path()).unwrap().unwrap();
    let error = store.read(0, 10).unwrap_err().to_string();
    assert!(error.contains("entry 1 was changed"), "{error}");
    let shown = store.query(&ripcord_store::Filter::default()).unwrap();
    assert_eq!(shown[1].bytes, b"{}");
}
