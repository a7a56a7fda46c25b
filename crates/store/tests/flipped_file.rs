//! Bits that flip in the file itself, below SQLite.

mod common;

use std::{fs, path::Path};

use common::{fill, raw};
use ripcord_ledger::verify::Verified;
use ripcord_store::audit::{AuditError, verify};

const ENTRIES: u64 = 12;

/// A ledger whose file holds everything: no write-ahead log waits beside it.
fn ledger(dir: &Path) -> (Vec<u8>, Verified) {
    fill(dir, ENTRIES);
    assert!(!dir.join("ledger.db-wal").exists());
    (fs::read(dir.join("ledger.db")).unwrap(), verify(dir).unwrap())
}

/// The audit of the ledger whose file has another byte at `index`.
fn verify_flipped(dir: &Path, file: &[u8], index: usize) -> Result<Verified, AuditError> {
    let mut flipped = file.to_vec();
    flipped[index] ^= 1 << (index % 8);
    for side in ["ledger.db-wal", "ledger.db-shm"] {
        fs::remove_file(dir.join(side)).ok();
    }
    fs::write(dir.join("ledger.db"), flipped).unwrap();
    verify(dir)
}

#[test]
fn a_bit_that_flips_within_an_entry_names_that_entry() {
    let dir = tempfile::tempdir().unwrap();
    let (file, _) = ledger(dir.path());
    for position in [0_u64, 5, ENTRIES - 1] {
        let sql = "SELECT bytes FROM entries WHERE position = ?1";
        let bytes: Vec<u8> = raw(dir.path()).query_row(sql, [position as i64], |row| row.get(0)).unwrap();
        let start =
            file.windows(bytes.len()).position(|window| window == bytes).expect("the entry is in the file");
        for index in start..start + bytes.len() {
            let Err(AuditError::Changed { findings }) = verify_flipped(dir.path(), &file, index) else {
                panic!("byte {index} of the file, within entry {position}, was not found");
            };
            assert_eq!(findings.listed.len(), 1);
            assert_eq!(findings.listed[0].positions(), Some(position..=position));
        }
        fs::write(dir.path().join("ledger.db"), &file).unwrap();
    }
}

#[test]
fn an_index_that_hides_an_entry_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (file, _) = ledger(dir.path());
    let page = |sql: &str| raw(dir.path()).query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap() as usize;
    let size = page("PRAGMA page_size");
    let index = page("SELECT rootpage FROM sqlite_schema WHERE name = 'entries_by_release'");
    let start = (index - 1) * size;
    let name = file[start..start + size].windows(7).rposition(|window| window == b"exam-v2").unwrap();
    let error = verify_flipped(dir.path(), &file, start + name).unwrap_err();
    assert!(matches!(error, AuditError::Unreadable(_)), "{error}");
}

#[test]
fn a_bit_that_flips_anywhere_is_found_or_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (file, verified) = ledger(dir.path());
    let mut found = 0;
    for index in (0..file.len()).step_by(61) {
        match verify_flipped(dir.path(), &file, index) {
            // In space that holds nothing: the record is the same.
            Ok(still) => assert_eq!(still, verified, "byte {index}"),
            Err(AuditError::Changed { .. } | AuditError::Unreadable(_)) => found += 1,
            Err(AuditError::NoLedger { .. }) => panic!("byte {index} hides the ledger"),
        }
    }
    assert!(found > 20, "{found} of {}", file.len() / 61);
}
