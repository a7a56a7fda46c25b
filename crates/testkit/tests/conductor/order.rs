//! What comes before what: instants, generations, what was interrupted before anything new.

use ripcord_conductor::Conductor;
use ripcord_engine::{Command, Desired, PhaseName};
use ripcord_ledger::Entry;
use ripcord_model::{Duration, Timestamp, VersionName};
use ripcord_store::{MemoryStore, Store};
use ripcord_testkit::{
    CrashStore, Fuse,
    blueprints::{all_levels, exams},
};

use crate::hand::{Hand, approver, owner, why};

fn instants(store: &MemoryStore) -> Vec<i64> {
    let entries = store.read(0, usize::MAX).unwrap();
    entries.iter().map(|stored| Entry::from_bytes(&stored.bytes).unwrap().at.as_ms()).collect()
}

#[test]
fn a_block_that_arrives_late_does_not_turn_the_clock_back() {
    let mut hand = Hand::new(MemoryStore::new(), exams("exam-submit-v2"));
    hand.until(PhaseName::Releasing);
    hand.seconds(5);
    // Three blocks of a dead candidate were taken before a tick in which something was recorded, and arrive after it.
    let taken = hand.now;
    hand.now = hand.now.plus(Duration::from_secs(9));
    hand.command(owner(), Command::Hold { why: why() }).unwrap();
    hand.world.candidate_alive = false;
    for late in 0..3 {
        let seq = hand.conductor.next_block(&hand.release);
        let at = taken.plus(Duration::from_ms(late));
        let blueprint = hand.conductor.blueprint(&hand.release).unwrap();
        let block = hand.world.sample(blueprint, seq, at, &mut ripcord_testkit::Random::new(1));
        hand.conductor.observe(&hand.release, block).unwrap();
    }
    assert_eq!(hand.phase(), PhaseName::RollingBack);
    let instants = instants(hand.conductor.store());
    assert!(instants.is_sorted(), "{instants:?}");
}

#[test]
fn a_clock_that_was_set_back_over_a_restart_does_not_turn_the_record_back() {
    let mut hand = Hand::new(MemoryStore::new(), exams("exam-submit-v2"));
    hand.until(PhaseName::Releasing);
    hand.seconds(5);
    let store = hand.conductor.into_store();
    hand.conductor = Conductor::open(store).unwrap();
    hand.now = Timestamp::from_ms(hand.now.as_ms() - 600_000);
    hand.roll_back();
    let instants = instants(hand.conductor.store());
    assert!(instants.is_sorted(), "{instants:?}");
    let clock = hand.conductor.release(&hand.release).unwrap().clock();
    assert!(clock.detected <= clock.decided && clock.decided <= clock.first_action, "{clock:?}");
}

#[test]
fn generations_grow_over_the_releases_of_a_service() {
    let mut hand = Hand::new(MemoryStore::new(), exams("exam-submit-v2"));
    hand.until(PhaseName::Complete);
    let (first, _) = hand.world.traffic.clone().unwrap();
    let mut second = exams("exam-submit-v3");
    second.candidate.version = VersionName::new("v3").unwrap();
    second.last_good = hand.conductor.last_good(&second.service);
    hand.next(second);
    hand.until(PhaseName::Releasing);
    let (newer, weights) = hand.world.traffic.clone().unwrap();
    assert!(newer > first, "{newer} after {first}");
    assert_eq!(weights.to_string(), "v3 1%, v2 99%");
}

#[test]
fn an_undoing_begun_after_the_start_is_not_taken_for_an_interrupted_one() {
    let fuse = Fuse::default();
    let mut hand = Hand::new(CrashStore::new(fuse.clone()), all_levels("exam-submit-v2"));
    hand.until(PhaseName::Releasing);
    hand.roll_back();
    hand.seconds(3);
    hand.conductor = Conductor::open(hand.conductor.into_store()).unwrap();
    // The disk is full while the conductor resumes, and free when somebody approves.
    fuse.set_full(true);
    assert!(hand.conductor.resume(hand.now).is_empty());
    fuse.set_full(false);
    let approve = Command::Approve { step: "undo-attempts".to_owned() };
    let todos = hand.conductor.command(&hand.release, approve, approver(), hand.now).unwrap();
    let undoing = |desired: &Desired| matches!(desired, Desired::UndoMigration { .. });
    assert_eq!(todos.iter().filter(|todo| undoing(&todo.effect.desired)).count(), 1);
    hand.now = hand.now.plus(Duration::from_secs(1));
    let todos_of_tick = hand.conductor.tick(hand.now);
    assert_eq!(hand.phase(), PhaseName::RollingBack, "{:?}", hand.status().waiting);
    assert!(!todos_of_tick.iter().any(|todo| undoing(&todo.effect.desired)));
}

#[test]
fn an_undoing_that_was_interrupted_waits_for_a_person() {
    let mut hand = Hand::new(MemoryStore::new(), all_levels("exam-submit-v2"));
    hand.until(PhaseName::Releasing);
    hand.roll_back();
    hand.seconds(3);
    let approve = Command::Approve { step: "undo-attempts".to_owned() };
    let _lost = hand.conductor.command(&hand.release, approve, approver(), hand.now).unwrap();
    hand.conductor = Conductor::open(hand.conductor.into_store()).unwrap();
    let todos = hand.conductor.resume(hand.now);
    assert!(!todos.iter().any(|todo| matches!(todo.effect.desired, Desired::UndoMigration { .. })));
    assert_eq!(hand.phase(), PhaseName::Stuck);
    assert!(hand.status().headline.contains("may be half done"), "{}", hand.status().headline);
}

#[test]
fn what_a_restart_repeats_is_handed_out_even_when_the_first_word_after_it_is_refused() {
    let mut hand = Hand::new(MemoryStore::new(), exams("exam-submit-v2"));
    hand.until(PhaseName::Releasing);
    hand.seconds(5);
    // The rollback is recorded, and the process dies before its effect is performed.
    let rollback = Command::Rollback { why: why(), level: None };
    let asked = hand.conductor.command(&hand.release, rollback, owner(), hand.now).unwrap();
    assert!(!asked.is_empty());
    hand.conductor = Conductor::open(hand.conductor.into_store()).unwrap();
    let too_early = Command::Complete { why: why() };
    hand.conductor.command(&hand.release, too_early, owner(), hand.now).unwrap_err();
    let todos = hand.conductor.tick(hand.now);
    let is_traffic = |todo: &ripcord_conductor::Todo| matches!(todo.effect.desired, Desired::Traffic { .. });
    assert!(todos.iter().any(is_traffic), "{todos:?}");
}
