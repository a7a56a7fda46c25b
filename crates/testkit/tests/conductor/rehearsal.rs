//! Rehearsals beside releases: who keeps whom out, whose generations are newer, and that production is not touched.

use ripcord_conductor::{Conductor, ConductorError};
use ripcord_engine::{Command, PhaseName};
use ripcord_ledger::Entry;
use ripcord_model::{Duration, ReleaseName, Timestamp, blueprint::Blueprint};
use ripcord_store::{MemoryStore, Store};
use ripcord_testkit::blueprints::{exams, rehearsal};

use crate::hand::{Hand, owner, why};

/// The rehearsal of `exam-submit-v2`, under a number of its own.
fn numbered(number: u32) -> Blueprint {
    let mut blueprint = rehearsal(&exams("exam-submit-v2"), false);
    blueprint.release = ReleaseName::new(format!("exam-submit-v2-rehearsal-{number}")).unwrap();
    blueprint
}

fn rehearsed(hand: &Hand<MemoryStore>) -> bool {
    let release = hand.conductor.release(&hand.release).unwrap();
    release.rehearsed().is_some_and(|result| result.confirmed().is_some())
}

#[test]
fn its_result_comes_out_again_from_the_record() {
    let mut hand = Hand::new(MemoryStore::new(), numbered(1));
    hand.until(PhaseName::RolledBack);
    assert!(rehearsed(&hand));
    let release = ReleaseName::new("exam-submit-v2").unwrap();
    let before = hand.conductor.rehearsals(&release);
    let again = Conductor::open(hand.conductor.into_store()).unwrap();
    assert_eq!(again.rehearsals(&release), before);
    assert_eq!(before.len(), 1);
}

#[test]
fn it_runs_while_its_release_waits_at_a_blocked_gate_and_the_release_goes_on_afterwards() {
    let mut hand = Hand::new(MemoryStore::new(), exams("exam-submit-v2"));
    hand.world.gate_fails = true;
    hand.command(owner(), Command::Ship).unwrap();
    hand.until(PhaseName::Gating);
    hand.next(numbered(1));
    hand.until(PhaseName::RolledBack);
    assert!(rehearsed(&hand));
    let newest = newest_generation(hand.conductor.store());
    // Adapters of an environment that both used refuse what is older.
    hand.world.gate_fails = false;
    hand.release = ReleaseName::new("exam-submit-v2").unwrap();
    hand.command(owner(), Command::Ship).unwrap();
    hand.until(PhaseName::Releasing);
    assert!(
        oldest_generation_after(hand.conductor.store(), newest),
        "the release counts on above the rehearsal"
    );
    assert_eq!(hand.status().confirmed.unwrap().rehearsal.as_str(), "exam-submit-v2-rehearsal-1");
}

#[test]
fn one_runs_at_a_time_and_not_under_a_release_that_is_in_staging() {
    let mut hand = Hand::new(MemoryStore::new(), numbered(1));
    hand.command(owner(), Command::Ship).unwrap();
    let busy = hand.conductor.create(numbered(2), owner(), hand.now).unwrap_err();
    assert!(matches!(busy, ConductorError::Busy { .. }), "{busy}");
    // The release may be created, and does not enter staging before the rehearsal has left it.
    hand.next(exams("exam-submit-v2"));
    let refused = hand.command(owner(), Command::Ship).unwrap_err();
    assert!(matches!(refused, ConductorError::StagingInUse { .. }), "{refused}");
    hand.release = ReleaseName::new("exam-submit-v2-rehearsal-1").unwrap();
    hand.until(PhaseName::RolledBack);
    hand.release = ReleaseName::new("exam-submit-v2").unwrap();
    let now = hand.now;
    let _to_staging = hand.conductor.command(&hand.release, Command::Ship, owner(), now).unwrap();
    assert_eq!(hand.phase(), PhaseName::Staging);
    let refused = hand.conductor.create(numbered(2), owner(), now).unwrap_err();
    assert!(matches!(refused, ConductorError::StagingInUse { .. }), "{refused}");
}

#[test]
fn it_is_never_last_good_and_takes_last_good_from_nobody() {
    let mut hand = Hand::new(MemoryStore::new(), exams("exam-submit-v2"));
    hand.until(PhaseName::Complete);
    let service = exams("exam-submit-v2").service;
    let before = hand.conductor.last_good(&service);
    hand.next(numbered(1));
    hand.until(PhaseName::RolledBack);
    assert_eq!(hand.conductor.last_good(&service), before, "a way back in staging takes nothing back");
}

#[test]
fn a_clock_that_is_set_back_in_the_middle_shortens_no_confirmed_time() {
    let mut hand = Hand::new(MemoryStore::new(), numbered(1));
    hand.until(PhaseName::RollingBack);
    hand.seconds(2);
    hand.now = Timestamp::from_ms(hand.now.as_ms() - 3_600_000);
    hand.seconds(1);
    hand.now = Timestamp::from_ms(hand.now.as_ms() + 3_600_000);
    hand.until(PhaseName::RolledBack);
    let result = hand.conductor.release(&hand.release).unwrap().rehearsed().unwrap().clone();
    let took = result.confirmed().unwrap();
    assert!(took >= Duration::from_secs(10), "recovery is seen for 10 s: {took:?}");
    let steps: u64 = result.steps.iter().map(|step| step.took.as_ms()).sum();
    assert!(steps <= took.as_ms(), "{result:#?}");
}

#[test]
fn one_that_got_stuck_does_not_keep_the_next_out_once_it_is_cancelled() {
    let mut hand = Hand::new(MemoryStore::new(), numbered(1));
    hand.until(PhaseName::Releasing);
    hand.seconds(2);
    hand.world.broken.insert(ripcord_testkit::Broken::Router, false);
    hand.until(PhaseName::Stuck);
    let service = exams("exam-submit-v2").service;
    assert_eq!(hand.conductor.rehearsing(&service), None, "it has its result: it failed");
    assert_eq!(hand.conductor.stuck_rehearsals(&service), [hand.release.clone()]);
    hand.command(owner(), Command::Cancel { why: why() }).unwrap();
    hand.world.broken.clear();
    hand.next(numbered(2));
    hand.until(PhaseName::RolledBack);
    assert!(rehearsed(&hand));
}

fn generations(store: &MemoryStore) -> Vec<u64> {
    let entries = store.read(0, usize::MAX).unwrap();
    let facts = entries.iter().map(|stored| Entry::from_bytes(&stored.bytes).unwrap().fact);
    let values = facts.map(|fact| serde_json::from_str::<serde_json::Value>(fact.get()).unwrap());
    let intended = values.filter(|fact| fact["kind"] == "intended");
    intended.map(|fact| fact["effect"]["generation"].as_u64().unwrap()).collect()
}

fn newest_generation(store: &MemoryStore) -> u64 {
    generations(store).into_iter().max().unwrap()
}

/// Whether every intent after the one of `newest` is newer.
fn oldest_generation_after(store: &MemoryStore, newest: u64) -> bool {
    let all = generations(store);
    let after: Vec<u64> =
        all.iter().copied().skip_while(|generation| *generation != newest).skip(1).collect();
    !after.is_empty() && after.iter().all(|generation| *generation > newest)
}
