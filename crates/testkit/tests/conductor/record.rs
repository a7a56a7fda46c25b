//! What a release leaves behind in the real store, seen by an auditor.

use ripcord_conductor::Conductor;
use ripcord_engine::{Command, PhaseName};
use ripcord_model::{ReleaseName, VersionName};
use ripcord_store::{SqliteStore, Store, audit};
use ripcord_testkit::blueprints::{all_levels, exams};

use crate::hand::{Hand, owner, why};

impl Hand<SqliteStore> {
    fn restart(&mut self, directory: &std::path::Path) {
        let elsewhere = tempfile::tempdir().unwrap();
        let nothing = Conductor::open(SqliteStore::open(elsewhere.path()).unwrap()).unwrap();
        drop(std::mem::replace(&mut self.conductor, nothing));
        self.conductor = Conductor::open(SqliteStore::open(directory).unwrap()).unwrap();
        let todos = self.conductor.resume(self.now);
        self.perform(todos);
    }
}

/// A good release, then one that is contained, goes on, and goes back through all levels.
fn two_releases(directory: &std::path::Path) -> Hand<SqliteStore> {
    let mut hand = Hand::new(SqliteStore::open(directory).unwrap(), exams("exam-submit-v2"));
    hand.until(PhaseName::Complete);
    let mut second = all_levels("exam-submit-v3");
    second.candidate.version = VersionName::new("v3").unwrap();
    second.last_good = hand.conductor.last_good(&second.service);
    assert_eq!(second.last_good.as_ref().unwrap().version.as_str(), "v2");
    hand.next(second);
    hand.until(PhaseName::Releasing);
    hand.seconds(40);
    hand.restart(directory);
    hand.command(owner(), Command::Contain { why: why() }).unwrap();
    hand.seconds(3);
    hand.command(owner(), Command::Promote { why: why() }).unwrap();
    hand.seconds(15);
    hand.restart(directory);
    hand.seconds(5);
    hand.roll_back();
    hand.until(PhaseName::RolledBack);
    hand
}

#[test]
fn an_auditor_verifies_it_and_a_restart_finds_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let hand = two_releases(directory.path());
    let verified = audit::verify(directory.path()).unwrap();
    assert_eq!(verified.entries, hand.conductor.store().len());
    let names = hand.conductor.releases();
    let before: Vec<_> = names.iter().map(|name| hand.conductor.release(name).cloned()).collect();
    drop(hand.conductor.into_store());
    let again = Conductor::open(SqliteStore::open(directory.path()).unwrap()).unwrap();
    let after: Vec<_> = names.iter().map(|name| again.release(name).cloned()).collect();
    assert!(before == after, "a replay differs from the run");
}

#[test]
fn every_block_is_in_a_segment_and_a_changed_one_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let hand = two_releases(directory.path());
    let store = hand.conductor.store();
    let blocks: usize = ["exam-submit-v2", "exam-submit-v3"]
        .map(|name| store.read_blocks(&ReleaseName::new(name).unwrap(), 0, 100_000).unwrap().len())
        .iter()
        .sum();
    let mut closed = 0;
    for stored in store.read(0, 100_000).unwrap() {
        let entry: serde_json::Value = serde_json::from_slice(&stored.bytes).unwrap();
        let text = entry.to_string();
        if text.contains("segment-closed") {
            let fact =
                entry.as_object().unwrap().values().find(|value| value.get("first_seq").is_some()).unwrap();
            closed += fact["last_seq"].as_u64().unwrap() - fact["first_seq"].as_u64().unwrap() + 1;
        }
    }
    assert!(blocks > 150, "{blocks}");
    assert_eq!(closed, blocks as u64, "what decided nothing is proven too, once the release is over");
    drop(hand.conductor.into_store());
    let path = directory.path().join("ledger.db");
    let bytes = std::fs::read(&path).unwrap();
    let needle = br#""requests":{"canary":201"#;
    let at = bytes.windows(needle.len()).position(|window| window == needle).expect("a block at half");
    let mut changed = bytes;
    changed[at + needle.len() - 1] = b'9';
    std::fs::write(&path, changed).unwrap();
    let error = audit::verify(directory.path()).unwrap_err();
    assert!(error.to_string().contains("block"), "{error}");
}

#[test]
fn a_block_that_arrives_twice_is_in_its_segment_once() {
    let directory = tempfile::tempdir().unwrap();
    let mut hand = Hand::new(SqliteStore::open(directory.path()).unwrap(), exams("exam-submit-v2"));
    hand.until(PhaseName::Releasing);
    hand.seconds(3);
    let newest = hand.conductor.next_block(&hand.release) - 1;
    let stored = hand.conductor.store().read_blocks(&hand.release, newest, 1).unwrap();
    let again: ripcord_engine::Block = serde_json::from_slice(&stored[0].bytes).unwrap();
    let before = hand.conductor.release(&hand.release).cloned();
    hand.conductor.observe(&hand.release, again).unwrap();
    assert!(hand.conductor.release(&hand.release).cloned() == before, "nothing is observed twice");
    hand.roll_back();
    hand.until(PhaseName::RolledBack);
    drop(hand.conductor.into_store());
    audit::verify(directory.path()).unwrap();
}
