//! Journals of rollbacks that were executed without the server.

use ripcord_conductor::Conductor;
use ripcord_engine::PhaseName;
use ripcord_store::{MemoryStore, Store as _};
use ripcord_testkit::blueprints::exams;
use serde_json::json;

use crate::hand::{Hand, owner};

#[test]
fn after_one_that_got_stuck_the_router_still_listens() {
    let mut hand = Hand::new(MemoryStore::new(), exams("exam-submit-v2"));
    hand.until(PhaseName::Verifying);
    // The offline run steered the router with generations of its own.
    let (_, weights) = hand.world.traffic.clone().unwrap();
    hand.world.traffic = Some((ripcord_engine::Generation(5_000), weights));
    let journal = vec![
        json!({ "event": "step-began", "step": "traffic", "generation": 5_000 }),
        json!({ "event": "ended", "outcome": "stuck", "step": "traffic", "reason": "refused" }),
    ];
    let todos = hand.conductor.absorb(&hand.release, journal, owner(), hand.now).unwrap();
    hand.perform(todos);
    assert_eq!(hand.phase(), PhaseName::Stuck);
    hand.roll_back();
    hand.until(PhaseName::RolledBack);
    let (_, weights) = hand.world.traffic.clone().unwrap();
    assert_eq!(weights.to_string(), "v1 100%");
}

#[test]
fn the_next_release_begins_above_the_generations_of_an_offline_rollback() {
    let mut hand = Hand::new(MemoryStore::new(), exams("exam-submit-v2"));
    hand.until(PhaseName::Verifying);
    let v1 = ripcord_engine::Weights::all_to(&hand.status().last_good.unwrap());
    hand.world.traffic = Some((ripcord_engine::Generation(5_000), v1));
    let journal = vec![
        json!({ "event": "step-ended", "step": "traffic", "outcome": "done", "generation": 5_000 }),
        json!({ "event": "ended", "outcome": "rolled-back" }),
    ];
    hand.conductor.absorb(&hand.release, journal, owner(), hand.now).unwrap();
    assert_eq!(hand.phase(), PhaseName::RolledBack);
    hand.conductor = Conductor::open(hand.conductor.into_store()).unwrap();
    // What runs was not told of the workload's generations; only the router was.
    hand.next(exams("exam-submit-v2-again"));
    hand.until(PhaseName::Complete);
}

#[test]
fn a_complete_release_that_was_taken_back_is_not_last_good() {
    let mut hand = Hand::new(MemoryStore::new(), exams("exam-submit-v2"));
    hand.until(PhaseName::Complete);
    let service = hand.status().service;
    let last_good =
        |conductor: &Conductor<MemoryStore>| conductor.last_good(&service).unwrap().version.to_string();
    assert_eq!(last_good(&hand.conductor), "v2");
    let journal = vec![json!({ "event": "ended", "outcome": "rolled-back" })];
    hand.conductor.absorb(&hand.release, journal, owner(), hand.now).unwrap();
    assert_eq!(last_good(&hand.conductor), "v1");
    hand.conductor = Conductor::open(hand.conductor.into_store()).unwrap();
    assert_eq!(last_good(&hand.conductor), "v1");
}

#[test]
fn a_journal_that_is_offered_again_is_recorded_once() {
    let mut hand = Hand::new(MemoryStore::new(), exams("exam-submit-v2"));
    hand.until(PhaseName::Verifying);
    let journal = vec![
        json!({ "event": "step-ended", "step": "traffic", "outcome": "done", "generation": 5_000 }),
        json!({ "event": "ended", "outcome": "rolled-back" }),
    ];
    hand.conductor.absorb(&hand.release, journal.clone(), owner(), hand.now).unwrap();
    let entries = hand.conductor.store().len();
    hand.conductor.absorb(&hand.release, journal.clone(), owner(), hand.now).unwrap();
    assert_eq!(hand.conductor.store().len(), entries);
    // Nor after a restart: the server may have died before it put the file away.
    hand.conductor = Conductor::open(hand.conductor.into_store()).unwrap();
    hand.conductor.absorb(&hand.release, journal, owner(), hand.now).unwrap();
    assert_eq!(hand.conductor.store().len(), entries);
}
