//! What the machine can do to a store: each fault has a named outcome and leaves nothing half-written.

mod common;

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use common::{fill, raw};
use ripcord_model::ReleaseName;
use ripcord_store::{
    BlockRecord, Kept, KeptChange, SqliteStore, Store, StoreError, audit, conformance::draft, state_dir,
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_second_writer_is_told_where_the_first_one_is() {
    let dir = tempfile::tempdir().unwrap();
    let first = SqliteStore::open(dir.path()).unwrap();
    let refused = SqliteStore::open(dir.path()).unwrap_err();
    let StoreError::Locked { path } = &refused else { panic!("{refused}") };
    assert_eq!(path, &dir.path().join("ledger.db").display().to_string());
    drop(first);
    SqliteStore::open(dir.path()).unwrap();
}

#[test]
fn a_reader_sees_what_the_writer_does() {
    let dir = tempfile::tempdir().unwrap();
    assert!(SqliteStore::open_read_only(dir.path()).unwrap().is_none());
    let mut writer = SqliteStore::open(dir.path()).unwrap();
    writer.append(0, vec![draft(0)]).unwrap();
    let mut reader = SqliteStore::open_read_only(dir.path()).unwrap().unwrap();
    assert_eq!(reader.len(), 1);
    writer.append(1, vec![draft(1)]).unwrap();
    assert_eq!(reader.read(0, 10).unwrap(), writer.read(0, 10).unwrap());
    let refused = reader.append(1, vec![draft(2)]).unwrap_err();
    assert!(refused.to_string().contains("opened for reading only"), "{refused}");
}

#[test]
fn directory_and_files_are_private_whatever_was_there() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("state dir #1?%41");
    fs::create_dir(&dir).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(dir.join("ledger.db"), b"").unwrap();
    fs::set_permissions(dir.join("ledger.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let mut store = SqliteStore::open(&dir).unwrap();
    store.append(0, vec![draft(0)]).unwrap();
    assert_eq!(mode(&dir), 0o700);
    let files: Vec<_> = fs::read_dir(&dir).unwrap().map(|file| file.unwrap().path()).collect();
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.lock", "key", "key.pub"] {
        assert!(files.contains(&dir.join(name)), "{name} in {files:?}");
    }
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    assert_eq!(fs::metadata(dir.join("key")).unwrap().len(), 32);
    assert_eq!(audit::verify(&dir).unwrap().entries, 1);
}

/// The child's part of [`directory_and_files_are_private_whatever_the_umask`].
#[test]
#[ignore = "runs as a child with another umask"]
fn child_that_opens() {
    let dir = std::path::PathBuf::from(std::env::var_os("RIPCORD_TEST_DIR").expect("started by its parent"));
    let mut store = SqliteStore::open(&dir).unwrap();
    store.append(0, vec![draft(0)]).unwrap();
    assert_eq!(mode(&dir), 0o700);
    for file in fs::read_dir(&dir).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn directory_and_files_are_private_whatever_the_umask() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"umask "$1"; exec "$2" --ignored --exact child_that_opens --nocapture"#;
    for umask in ["000", "022", "077", "277"] {
        let child = Command::new("bash")
            .args(["-c", script, "bash", umask])
            .arg(std::env::current_exe().unwrap())
            .env("RIPCORD_TEST_DIR", dir.path().join(umask))
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success(), "umask {umask}: {output}");
        assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"));
    }
}

#[test]
fn a_directory_of_many_users_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    let refused = SqliteStore::open(dir.path()).unwrap_err();
    assert!(matches!(refused, StoreError::Unwritable { .. }), "{refused}");
    assert_eq!(mode(dir.path()), 0o1777);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_place_that_cannot_be_a_directory_is_unwritable() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    for place in [file.clone(), file.join("below")] {
        let refused = SqliteStore::open(&place).unwrap_err();
        assert!(
            matches!(&refused, StoreError::Unwritable { path, .. } if path.contains("file")),
            "{refused}"
        );
    }
}

#[test]
fn a_newer_ledger_is_refused_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 2);
    raw(dir.path()).execute_batch("PRAGMA user_version = 3").unwrap();
    for refused in [SqliteStore::open(dir.path()).err(), SqliteStore::open_read_only(dir.path()).err()] {
        assert!(matches!(refused, Some(StoreError::TooNew { found: 3, known: 2, .. })), "{refused:?}");
    }
    let version: i64 = raw(dir.path()).query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 3);
}

#[test]
fn a_ledger_of_an_earlier_version_is_read_as_it_is_and_completed_by_its_writer() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 3);
    raw(dir.path()).execute_batch("DROP TABLE kept; PRAGMA user_version = 1").unwrap();
    let reader = SqliteStore::open_read_only(dir.path()).unwrap().unwrap();
    assert_eq!((reader.len(), reader.kept().unwrap()), (3, Vec::new()));
    drop(reader);
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let kept = Kept { kind: "user".to_owned(), key: "ada".to_owned(), bytes: b"{}".to_vec() };
    store.append_keeping(3, vec![draft(3)], vec![KeptChange::Put(kept.clone())]).unwrap();
    drop(store);
    let reader = SqliteStore::open_read_only(dir.path()).unwrap().unwrap();
    assert_eq!((reader.len(), reader.kept().unwrap()), (4, vec![kept]));
    assert_eq!(audit::verify(dir.path()).unwrap().entries, 4);
}

#[test]
fn what_is_no_ledger_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("ledger.db"), vec![b'x'; 8_192]).unwrap();
    assert!(matches!(SqliteStore::open(dir.path()), Err(StoreError::Damaged { .. })));
    let dir = tempfile::tempdir().unwrap();
    raw(dir.path()).execute_batch("CREATE TABLE recipes(name TEXT)").unwrap();
    let refused = SqliteStore::open(dir.path()).unwrap_err();
    assert!(refused.to_string().contains("not one of Ripcord's"), "{refused}");
}

#[test]
fn a_lost_or_foreign_key_is_not_replaced_in_silence() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 2);
    let key = dir.path().join("key");
    let seed = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let refused = SqliteStore::open(dir.path()).unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    assert!(!key.exists());
    for wrong in [vec![1; 32], vec![1; 31], Vec::new()] {
        fs::write(&key, wrong).unwrap();
        assert!(matches!(SqliteStore::open(dir.path()), Err(StoreError::Damaged { .. })));
        fs::remove_file(dir.path().join("key.pub")).ok();
        assert!(matches!(SqliteStore::open(dir.path()), Err(StoreError::Damaged { .. })));
        fs::remove_file(dir.path().join("key.pub")).ok();
    }
    fs::write(&key, seed).unwrap();
    SqliteStore::open(dir.path()).unwrap();
    assert_eq!(audit::verify(dir.path()).unwrap().entries, 2);
}

#[test]
fn somebody_who_writes_past_the_lock_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    store.append(0, vec![draft(0)]).unwrap();
    let copy = "INSERT INTO entries SELECT 1, leaf_hash, release, kind, by_name, at_ms, bytes FROM entries";
    raw(dir.path()).execute(copy, []).unwrap();
    let refused = store.append(1, vec![draft(1)]).unwrap_err();
    assert!(matches!(refused, StoreError::Conflict { expected: 1, actual: 2 }), "{refused}");
}

/// Appends until the store refuses; how far it got and why it stopped.
fn append_until_refused(store: &mut SqliteStore) -> StoreError {
    for number in store.len()..100_000 {
        // Three at once: all of them or none.
        let before = store.len();
        match store.append(before, (number..number + 3).map(draft).collect()) {
            Ok(appended) => assert_eq!(appended.len, before + 3),
            Err(error) => {
                assert_eq!(store.len(), before, "nothing of a refused append counts");
                return error;
            }
        }
    }
    panic!("the limit was never reached");
}

/// The child's part of [`a_full_disk_stops_an_append_and_leaves_nothing_half_written`].
#[test]
#[ignore = "runs as a child with a limit on the size of files"]
fn child_with_little_space() {
    let dir = std::path::PathBuf::from(std::env::var_os("RIPCORD_TEST_DIR").expect("started by its parent"));
    let mut store = SqliteStore::open(&dir).unwrap();
    let refused = append_until_refused(&mut store);
    assert!(
        matches!(&refused, StoreError::Unwritable { path, .. } if path.ends_with("ledger.db")),
        "{refused}"
    );
    let len = store.len();
    assert!(len > 0);
    assert_eq!(store.read(0, usize::MAX).unwrap().len() as u64, len, "reading goes on");
    let as_before = (len..len + 3).map(draft).collect();
    assert!(store.append(len, as_before).is_err(), "and so does refusing");
    let block = BlockRecord { seq: 0, ledger_len: len, bytes: vec![0; 100_000] };
    let refused = store.append_block(&ReleaseName::new("exam-v2").unwrap(), &block).unwrap_err();
    assert!(matches!(refused, StoreError::Unwritable { .. }), "{refused}");
    // Somebody makes space: the same store goes on as if nothing had been.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize);
    let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
    rustix::process::setrlimit(rustix::process::Resource::Fsize, raised).unwrap();
    store.append_block(&ReleaseName::new("exam-v2").unwrap(), &block).unwrap();
    assert_eq!(store.append(len, vec![draft(len)]).unwrap().len, len + 1);
    println!("acknowledged {}", len + 1);
}

#[test]
fn a_full_disk_stops_an_append_and_leaves_nothing_half_written() {
    let dir = tempfile::tempdir().unwrap();
    // The kernel refuses to let any file grow beyond so many KiB, as a full disk would.
    let script =
        r#"trap '' XFSZ; ulimit -S -f "$1"; exec "$2" --ignored --exact child_with_little_space --nocapture"#;
    // The first three end in the write-ahead log, the last one also in the file it is moved to.
    for blocks in ["150", "301", "452", "6000"] {
        let place = dir.path().join(blocks);
        let child = Command::new("bash")
            .args(["-c", script, "bash", blocks])
            .arg(std::env::current_exe().unwrap())
            .env("RIPCORD_TEST_DIR", &place)
            .output()
            .unwrap();
        let output =
            format!("{}{}", String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
        assert!(child.status.success(), "{output}");
        let acknowledged: u64 = output
            .lines()
            .find_map(|line| line.split_once("acknowledged ")?.1.trim().parse().ok())
            .unwrap_or_else(|| panic!("{output}"));
        // There is space again: everything acknowledged is there, nothing else, and it goes on.
        assert_eq!(audit::verify(&place).unwrap().entries, acknowledged);
        let mut store = SqliteStore::open(&place).unwrap();
        assert_eq!(store.append(acknowledged, vec![draft(acknowledged)]).unwrap().len, acknowledged + 1);
        assert_eq!(audit::verify(&place).unwrap().entries, acknowledged + 1);
    }
}

#[test]
fn a_ledger_without_space_for_its_log_can_still_be_read() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 3);
    assert!(!state_dir::ledger_path(dir.path()).with_extension("db-wal").exists());
    // As on a read-only medium: nothing can be created beside the file. Root may write anywhere, so the name that
    // SQLite needs is taken by a link, which it does not follow.
    std::os::unix::fs::symlink("nowhere", dir.path().join("ledger.db-shm")).unwrap();
    assert_eq!(audit::verify(dir.path()).unwrap().entries, 3);
}
