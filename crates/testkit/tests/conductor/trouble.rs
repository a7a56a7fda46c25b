//! A disk that is full: nothing is half done, nothing that happened is lost, and it says so.

use ripcord_engine::{Command, Outcome, PhaseName, WaitingOn};
use ripcord_store::Store;
use ripcord_testkit::{CrashStore, Fuse, blueprints::exams};

use crate::hand::{Hand, owner, why};

fn hand() -> (Hand<CrashStore>, Fuse) {
    let fuse = Fuse::default();
    let mut hand = Hand::new(CrashStore::new(fuse.clone()), exams("exam-submit-v2"));
    hand.until(PhaseName::Releasing);
    hand.seconds(5);
    (hand, fuse)
}

#[test]
fn a_command_that_cannot_be_recorded_fails_hands_out_nothing_and_says_why() {
    let (mut hand, fuse) = hand();
    let (entries, before) = (hand.conductor.store().len(), hand.conductor.release(&hand.release).cloned());
    fuse.set_full(true);
    let rollback = Command::Rollback { why: why(), level: None };
    let error = hand.conductor.command(&hand.release, rollback, owner(), hand.now).unwrap_err();
    assert!(error.to_string().contains("no space left"), "{error}");
    assert!(hand.conductor.release(&hand.release) == before.as_ref());
    assert_eq!(hand.conductor.store().len(), entries);
    let waiting = &hand.status().waiting[0];
    assert_eq!(waiting.on, WaitingOn::Record);
    assert!(waiting.until.contains("--offline"), "{}", waiting.until);
    fuse.set_full(false);
    hand.second();
    assert_ne!(hand.status().waiting[0].on, WaitingOn::Record, "it says so no longer than it is so");
}

#[test]
fn an_outcome_that_could_not_be_recorded_is_recorded_when_there_is_room() {
    let (mut hand, fuse) = hand();
    let rollback = Command::Rollback { why: why(), level: None };
    let todos = hand.conductor.command(&hand.release, rollback, owner(), hand.now).unwrap();
    let traffic = todos
        .into_iter()
        .find(|todo| {
            hand.conductor
                .release(&hand.release)
                .unwrap()
                .effect(todo.effect.generation)
                .is_some_and(|effect| !matches!(effect.desired, ripcord_engine::Desired::Notice(_)))
        })
        .unwrap();
    let outcome = hand.world.perform(&traffic.effect);
    fuse.set_full(true);
    hand.conductor.outcome(&hand.release, traffic.effect.generation, outcome, hand.now).unwrap_err();
    assert_eq!(hand.conductor.unrecorded(), 1);
    hand.seconds(3);
    assert_eq!(hand.conductor.unrecorded(), 1, "it is kept as long as it takes");
    fuse.set_full(false);
    hand.until(PhaseName::RolledBack);
    assert_eq!(hand.conductor.unrecorded(), 0);
}

#[test]
fn what_was_written_although_it_was_reported_as_failed_is_not_written_again() {
    let (mut hand, fuse) = hand();
    let entries = hand.conductor.store().len();
    fuse.arm(0, true);
    let rollback = || Command::Rollback { why: why(), level: None };
    hand.conductor.command(&hand.release, rollback(), owner(), hand.now).unwrap_err();
    assert!(fuse.take_blown());
    let written = hand.conductor.store().len();
    assert!(written > entries);
    let error = hand.conductor.command(&hand.release, rollback(), owner(), hand.now).unwrap_err();
    assert!(error.to_string().contains("expected"), "{error}");
    assert_eq!(hand.conductor.store().len(), written);
    // Whoever starts again finds it and goes on.
    hand.conductor = ripcord_conductor::Conductor::open(hand.conductor.into_store()).unwrap();
    let todos = hand.conductor.resume(hand.now);
    hand.perform(todos);
    hand.until(PhaseName::RolledBack);
}

#[test]
fn a_duplicate_outcome_is_refused_and_changes_nothing() {
    let (mut hand, _fuse) = hand();
    let rollback = Command::Rollback { why: why(), level: None };
    let todos = hand.conductor.command(&hand.release, rollback, owner(), hand.now).unwrap();
    hand.perform(todos.clone());
    let before = hand.conductor.release(&hand.release).cloned();
    for todo in todos {
        let again = Outcome::Failed { reason: "late".to_owned(), transient: false };
        hand.conductor.outcome(&hand.release, todo.effect.generation, again, hand.now).unwrap_err();
    }
    assert!(hand.conductor.release(&hand.release) == before.as_ref());
}
