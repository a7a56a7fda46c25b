//! A rehearsal: the way back of a release, walked in staging by the code that walks it in production, and measured.

use std::collections::BTreeMap;

use ripcord_engine::{
    Answers, Cause, Command, Desired, Event, Look, Outcome, PhaseName, ReadBack, Refusal, RehearsalResult,
    Running, TrafficAccount, Trigger, Weights,
};
use ripcord_model::{
    Duration, Share, VersionName,
    blueprint::{RehearsalKey, RunbookFile},
};
use ripcord_testkit::blueprints::{all_levels, exams, rehearsal};

use crate::support::{HEALTHY, Hand, START, Second, approver, on_call, owner, why};

fn version(name: &str) -> VersionName {
    VersionName::new(name).unwrap()
}

fn look(weights: Weights) -> Look {
    let running = BTreeMap::from([(version("v1"), Running { instances: 1, digest: None })]);
    Look { weights, running, flags: BTreeMap::new(), traffic: None }
}

fn begun(fault: bool) -> Hand {
    let mut hand = Hand::new(rehearsal(&exams("exam-submit-v2"), fault));
    hand.command(owner(), Command::Ship).unwrap();
    hand.perform_all();
    hand
}

/// Until the candidate has traffic.
fn exposed(fault: bool) -> Hand {
    let mut hand = begun(fault);
    hand.seconds(11, HEALTHY);
    hand.perform_all();
    hand
}

fn result(hand: &Hand) -> RehearsalResult {
    hand.release.rehearsed().expect("it has a result").clone()
}

/// Everything but the look afterwards.
fn until_it_looks_again(hand: &mut Hand) {
    for _ in 0..60 {
        hand.second(HEALTHY);
        while hand.main().is_some_and(|effect| !is_second_look(hand, &effect.desired)) {
            hand.perform();
        }
        if hand.main().is_some() {
            return;
        }
    }
    panic!("it never looked again: {}", hand.waiting());
}

fn is_second_look(hand: &Hand, desired: &Desired) -> bool {
    matches!(desired, Desired::Look { .. }) && hand.release.phase() == PhaseName::RollingBack
}

fn answer_look(hand: &mut Hand, look: Look) {
    let effect = hand.main().unwrap();
    hand.outcome(effect.generation, Outcome::Done(ReadBack::Look(Box::new(look)))).unwrap();
}

#[test]
fn it_is_confirmed_with_the_time_from_the_decision_to_verified_recovery() {
    let mut hand = exposed(false);
    until_it_looks_again(&mut hand);
    answer_look(&mut hand, look(Weights::all_to(&version("v1"))));
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
    let (clock, result) = (hand.release.clock(), result(&hand));
    assert_eq!(result.failed, None);
    let took = clock.verified_recovered.unwrap().since(clock.decided.unwrap());
    assert!(took >= Duration::from_secs(10), "recovery has to be seen for 10 s: {took:?}");
    assert_eq!(result.confirmed(), Some(took));
    assert_eq!((result.waited, result.machine()), (Duration::ZERO, took));
    let steps: Vec<&str> = result.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(
        steps,
        ["traffic", "withdraw", "recovery"],
        "the steps of the compiled way back, in its order"
    );
    assert!(hand.has(|event| matches!(
        event,
        Event::RollbackDecided { cause: Cause::Rehearsal(Trigger::Planned), .. }
    )));
}

#[test]
fn the_blueprint_is_the_release_bound_to_staging_with_the_same_way_back() {
    let release = exams("exam-submit-v2");
    let rehearsal = rehearsal(&release, false);
    assert_eq!(rehearsal.way_back, release.way_back, "one value, executed in both places");
    assert_eq!(Some(rehearsal.production.name), release.staging.map(|staging| staging.name));
    assert_eq!(rehearsal.staging, None);
    assert!(rehearsal.production.notify.is_empty(), "nobody is woken by a rehearsal");
}

#[test]
fn it_asks_no_gate_and_tells_nobody() {
    let mut hand = exposed(false);
    until_it_looks_again(&mut hand);
    hand.perform_all();
    let told =
        hand.effects.iter().filter(|effect| matches!(effect.desired, Desired::Gate | Desired::Notice(_)));
    assert_eq!(told.count(), 0);
}

#[test]
fn staging_that_does_not_return_fails_it_and_the_difference_is_named() {
    let mut hand = exposed(false);
    until_it_looks_again(&mut hand);
    answer_look(&mut hand, look(Weights::split(&version("v2"), Share::percent(10), &version("v1"))));
    let result = result(&hand);
    assert_eq!(result.confirmed(), None);
    let failed = result.failed.unwrap();
    let expected = "staging did not return to its baseline: weights were v1 100%, are v2 10%, v1 90%";
    assert_eq!(failed, expected);
}

#[test]
fn a_version_that_still_runs_and_a_flag_that_is_still_on_are_differences() {
    let before = look(Weights::all_to(&version("v1")));
    let mut after = before.clone();
    after.running.insert(version("v2"), Running { instances: 2, digest: None });
    after.flags.insert("submit".to_owned(), true);
    let differences = after.differences(&before);
    assert_eq!(differences, ["v2 did not run, has 2 instances", "flag submit was unknown, is on"]);
    assert!(before.differences(&before).is_empty());
}

#[test]
fn a_candidate_that_answered_nobody_was_not_withdrawn() {
    let mut hand = exposed(false);
    until_it_looks_again(&mut hand);
    let answers = Answers { count: 9, errors: 0, first: START, last: START };
    let traffic = TrafficAccount { sent: 9, unanswered: 0, versions: [(version("v1"), answers)].into() };
    let look = Look { traffic: Some(traffic), ..look(Weights::all_to(&version("v1"))) };
    answer_look(&mut hand, look);
    assert!(result(&hand).failed.unwrap().contains("v2 answered nothing in staging"));
}

#[test]
fn a_fault_is_waited_for_until_a_signal_shows_it() {
    let mut hand = exposed(true);
    let broken = hand.effects.iter().filter(|effect| matches!(effect.desired, Desired::Fault { .. })).count();
    assert_eq!(broken, 1);
    hand.seconds(25, HEALTHY);
    assert_eq!(
        hand.release.phase(),
        PhaseName::Releasing,
        "the planned time has passed, the fault was not seen"
    );
    hand.seconds(10, Second { canary: (40, 20), ..HEALTHY });
    let seen = |event: &Event| {
        matches!(event, Event::RollbackDecided { cause: Cause::Rehearsal(Trigger::FaultSeen(_)), .. })
    };
    assert!(hand.has(seen), "{}", hand.waiting());
}

#[test]
fn a_fault_that_no_signal_shows_is_said_and_does_not_keep_it_for_ever() {
    let mut hand = exposed(true);
    hand.seconds(61, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
    until_it_looks_again(&mut hand);
    hand.perform_all();
    let result = result(&hand);
    assert_eq!(result.failed, None);
    assert!(result.unproven.iter().any(|what| what == "no signal showed the fault"), "{:?}", result.unproven);
}

#[test]
fn no_verdict_ends_it_by_surprise() {
    let mut hand = exposed(false);
    hand.seconds(10, Second { canary: (40, 30), ..HEALTHY });
    assert_eq!(hand.release.phase(), PhaseName::Releasing);
    hand.seconds(11, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RollingBack, "the planned time decides");
}

#[test]
fn a_restart_while_the_candidate_has_traffic_walks_it_back_and_confirms_nothing() {
    let mut hand = exposed(false);
    for event in hand.release.restarted() {
        hand.release.apply(&event, hand.now);
    }
    hand.tick();
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
    until_it_looks_again(&mut hand);
    hand.perform_all();
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
    assert!(result(&hand).failed.unwrap().contains("restarted in the middle"));
}

#[test]
fn a_restart_on_the_way_back_goes_on_and_confirms_nothing() {
    let mut hand = exposed(false);
    hand.seconds(20, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
    for event in hand.release.restarted() {
        hand.release.apply(&event, hand.now);
    }
    hand.tick();
    until_it_looks_again(&mut hand);
    hand.perform_all();
    assert_eq!(result(&hand).confirmed(), None);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
}

#[test]
fn a_restart_before_the_candidate_came_ends_it() {
    let mut hand = begun(false);
    for event in hand.release.restarted() {
        hand.release.apply(&event, hand.now);
    }
    hand.tick();
    assert_eq!(hand.release.phase(), PhaseName::Cancelled);
    assert_eq!(result(&hand).confirmed(), None);
}

#[test]
fn a_stuck_way_back_is_a_failed_rehearsal_that_names_the_step() {
    let mut hand = exposed(false);
    hand.seconds(20, HEALTHY);
    hand.fail(false);
    let result = result(&hand);
    assert_eq!(hand.release.phase(), PhaseName::Stuck);
    assert_eq!(result.failed_step.as_deref(), Some("traffic"));
    assert!(result.failed.unwrap().contains("the way back failed at traffic: broken"));
    hand.command(owner(), Command::Cancel { why: why() }).unwrap();
    assert_eq!(hand.release.phase(), PhaseName::Cancelled, "whoever rehearses next takes its place");
}

#[test]
fn last_good_that_cannot_be_brought_up_ends_it_before_it_begins() {
    let mut hand = Hand::new(rehearsal(&exams("exam-submit-v2"), false));
    hand.command(owner(), Command::Ship).unwrap();
    hand.fail(false);
    assert_eq!(hand.release.phase(), PhaseName::Cancelled);
    assert_eq!(result(&hand).failed.as_deref(), Some("broken"));
}

#[test]
fn waiting_for_people_is_told_apart_from_what_machines_take() {
    let mut hand = Hand::new(rehearsal(&all_levels("exam-submit-v2"), false));
    hand.command(owner(), Command::Ship).unwrap();
    hand.perform_all();
    hand.seconds(11, HEALTHY);
    hand.perform_all();
    let on = hand.effects.iter().any(|effect| matches!(effect.desired, Desired::Flag { on: true, .. }));
    assert!(on, "the way back switches it off, so it has to be on");
    hand.seconds(20, HEALTHY);
    hand.perform_all();
    hand.seconds(30, HEALTHY);
    hand.command(approver(), Command::Approve { step: "undo-attempts".to_owned() }).unwrap();
    hand.perform_all();
    hand.seconds(7, HEALTHY);
    hand.command(approver(), Command::Approve { step: "restore-answers".to_owned() }).unwrap();
    until_it_looks_again(&mut hand);
    hand.perform_all();
    let result = result(&hand);
    assert_eq!(result.waited, Duration::from_secs(37));
    assert_eq!(result.machine().as_ms() + result.waited.as_ms(), result.took.as_ms());
    let undone = result.steps.iter().find(|step| step.id == "undo-attempts").unwrap();
    assert_eq!(undone.waited, Duration::from_secs(30));
}

#[test]
fn what_is_asked_of_releases_makes_no_sense_for_it_and_is_refused() {
    let mut hand = exposed(false);
    let refused = [
        Command::Promote { why: why() },
        Command::Hold { why: why() },
        Command::Contain { why: why() },
        Command::Complete { why: why() },
    ];
    for command in refused {
        let before = hand.release.clone();
        let refusal = hand.command(owner(), command).unwrap_err();
        assert!(matches!(refusal, Refusal::WrongPhase { .. }), "{refusal}");
        assert_eq!(hand.release, before);
    }
}

#[test]
fn a_person_may_end_it_early_and_then_nothing_is_confirmed() {
    let mut hand = exposed(false);
    hand.command(on_call(), Command::Rollback { why: why(), level: None }).unwrap();
    until_it_looks_again(&mut hand);
    hand.perform_all();
    assert!(result(&hand).failed.unwrap().starts_with("ended early by ran"));
}

#[test]
fn the_key_tells_which_part_changed() {
    let release = exams("exam-submit-v2");
    let runbook =
        |sha: &str| Some(RunbookFile { path: "runbooks/exam.md".to_owned(), sha256: sha.to_owned() });
    let key = RehearsalKey::of(&release, runbook("a"));
    let said = |now: &RehearsalKey| key.changed(now).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(said(&key).is_empty());
    assert_eq!(said(&RehearsalKey::of(&release, runbook("b"))), ["runbooks/exam.md changed"]);
    assert_eq!(
        said(&RehearsalKey::of(&release, None)),
        ["the runbook was runbooks/exam.md and is no runbook"]
    );
    let mut other = release.clone();
    other.way_back.recovery = Duration::from_secs(11);
    assert_eq!(said(&RehearsalKey::of(&other, runbook("a"))), ["the way back of the plan changed"]);
    let mut other = release.clone();
    other.candidate.version = version("v3");
    let changed = ["v1 to v2 was rehearsed, v1 to v3 would be released"];
    assert_eq!(said(&RehearsalKey::of(&other, runbook("a"))), changed);
    let mut other = release.clone();
    other.staging.as_mut().unwrap().flags = None;
    assert_eq!(
        said(&RehearsalKey::of(&other, runbook("a"))),
        ["the flags of staging changed in ripcord.yaml"]
    );
    let mut other = release;
    other.ripcord = "9.9.0".to_owned();
    assert!(said(&RehearsalKey::of(&other, runbook("a")))[0].starts_with("Ripcord"));
}
