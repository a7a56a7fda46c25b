//! Going back: in order, approved, verified, never twice what must not be done twice.

use ripcord_engine::{Command, Desired, Event, PhaseName};
use ripcord_model::{Level, blueprint::Blueprint};
use ripcord_testkit::blueprints::{all_levels, exams};

use crate::support::{HEALTHY, Hand, Second, approver, on_call, owner, why};

fn levels() -> Hand {
    Hand::new(all_levels("exam-submit-v2"))
}

fn approve(hand: &mut Hand, step: &str) {
    hand.command(approver(), Command::Approve { step: step.to_owned() }).unwrap();
}

fn started(hand: &Hand) -> Vec<String> {
    let started = hand.events.iter().filter_map(|(_, event)| match event {
        Event::BackStepStarted { step } => Some(step.clone()),
        _ => None,
    });
    started.collect()
}

fn undoings(hand: &Hand) -> usize {
    hand.effects.iter().filter(|effect| matches!(effect.desired, Desired::UndoMigration { .. })).count()
}

/// Going back, with the undoing of the migration under way.
fn undoing() -> Hand {
    let mut hand = levels();
    hand.climb_to(1);
    hand.roll_back();
    hand.perform_all();
    approve(&mut hand, "undo-attempts");
    assert!(matches!(hand.main().unwrap().desired, Desired::UndoMigration { .. }));
    hand
}

#[test]
fn flags_and_traffic_come_first_and_recovery_last() {
    let mut hand = undoing();
    hand.perform_all();
    approve(&mut hand, "restore-answers");
    hand.perform_all();
    hand.seconds(12, HEALTHY);
    let order = ["flag-submit", "traffic", "withdraw", "undo-attempts", "restore-answers", "recovery"];
    assert_eq!(started(&hand), order);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
}

#[test]
fn it_goes_back_after_all_traffic_too() {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.verify();
    hand.seconds(10, HEALTHY);
    hand.roll_back();
    hand.perform_all();
    hand.seconds(12, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
    assert_eq!(started(&hand), ["traffic", "withdraw", "recovery"]);
    let weights = hand.release.in_force().unwrap();
    assert_eq!(weights.to_string(), "v1 100%");
}

#[test]
fn a_freeze_does_not_stop_the_way_back() {
    use ripcord_model::nouns::freeze::{FreezeSpan, FreezeWindow};
    let mut blueprint: Blueprint = exams("exam-submit-v2");
    let from = crate::support::START.plus(ripcord_model::Duration::from_secs(5));
    let span = FreezeSpan::Absolute { from, until: from.plus(ripcord_model::Duration::from_mins(600)) };
    let freeze = FreezeWindow { span, zone: "Europe/Berlin".to_owned(), reason: "fair".to_owned() };
    blueprint.production.freeze = vec![freeze];
    let mut hand = Hand::new(blueprint);
    hand.climb_to(0);
    hand.seconds(60, HEALTHY);
    assert_eq!(hand.release.stage(), Some(0));
    assert!(hand.waiting().contains("freeze (fair)"), "{}", hand.waiting());
    hand.roll_back();
    hand.perform_all();
    hand.seconds(12, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
}

#[test]
fn an_undoing_that_failed_is_not_tried_again_without_a_person_and_a_new_approval() {
    let mut hand = undoing();
    hand.fail(true);
    assert_eq!(hand.release.phase(), PhaseName::Stuck, "nobody knows how far it came");
    (0..60).for_each(|_| hand.wait(1));
    assert_eq!(undoings(&hand), 1);
    hand.command(owner(), Command::Rollback { why: why(), level: None }).unwrap();
    assert_eq!(undoings(&hand), 1, "an approval is for one execution");
    assert!(hand.waiting().contains("needs approval by noor"), "{}", hand.waiting());
    approve(&mut hand, "undo-attempts");
    assert_eq!(undoings(&hand), 2);
}

#[test]
fn after_a_restart_what_is_harmless_is_repeated_and_an_undoing_is_not() {
    let mut hand = undoing();
    let events = hand.release.restarted();
    assert!(events.iter().any(|event| matches!(event, Event::Stuck { step, .. } if step == "undo-attempts")));
    let mut repeated = events.iter().filter(|event| matches!(event, Event::Repeated { generation, .. } if *generation == hand.main().unwrap().generation));
    assert_eq!(repeated.next(), None);
    for event in &events {
        hand.release.apply(event, hand.now);
    }
    assert_eq!(hand.main(), None);

    let mut hand = levels();
    hand.climb_to(1);
    hand.roll_back();
    let flag = hand.main().unwrap();
    let repeat = Event::Repeated { generation: flag.generation, attempt: 2 };
    assert!(hand.release.restarted().contains(&repeat));
}

#[test]
fn going_deeper_does_not_begin_an_undoing_twice() {
    let mut blueprint = all_levels("exam-submit-v2");
    blueprint.way_back.level = Level::Migration;
    let mut hand = Hand::new(blueprint);
    hand.climb_to(1);
    hand.roll_back();
    hand.perform_all();
    approve(&mut hand, "undo-attempts");
    let under_way = hand.main().unwrap();
    hand.command(on_call(), Command::Rollback { why: why(), level: Some(Level::Data) }).unwrap();
    assert_eq!((undoings(&hand), hand.main()), (1, Some(under_way)));
    hand.perform_all();
    approve(&mut hand, "restore-answers");
    hand.perform_all();
    hand.seconds(12, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
}

#[test]
fn going_deeper_during_recovery_verifies_anew() {
    let mut blueprint = all_levels("exam-submit-v2");
    blueprint.way_back.level = Level::Deploy;
    let mut hand = Hand::new(blueprint);
    hand.climb_to(1);
    hand.roll_back();
    hand.perform_all();
    hand.seconds(5, HEALTHY);
    hand.command(on_call(), Command::Rollback { why: why(), level: Some(Level::Migration) }).unwrap();
    approve(&mut hand, "undo-attempts");
    hand.perform_all();
    hand.seconds(8, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
    hand.seconds(4, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
    assert_eq!(
        started(&hand),
        ["flag-submit", "traffic", "withdraw", "recovery", "undo-attempts", "recovery"]
    );
}

#[test]
fn nothing_deep_begins_before_the_bleeding_has_stopped() {
    let mut hand = levels();
    hand.climb_to(1);
    hand.roll_back();
    hand.perform();
    hand.fail(false);
    assert_eq!(hand.release.phase(), PhaseName::Stuck);
    // Whoever leaves the traffic out comes to the undoing, and no further.
    hand.command(on_call(), Command::Rollback { why: why(), level: Some(Level::Deploy) }).unwrap();
    hand.perform_all();
    hand.seconds(12, HEALTHY);
    hand.command(on_call(), Command::Rollback { why: why(), level: Some(Level::Data) }).unwrap();
    hand.perform_all();
    assert_eq!(undoings(&hand), 0);
    assert_eq!(hand.release.phase(), PhaseName::Stuck);
    assert!(hand.waiting().contains("the bleeding has not stopped"), "{}", hand.waiting());
    // It is stuck at the traffic, so going on begins there, and nothing has to be given up.
    hand.roll_back();
    hand.perform_all();
    approve(&mut hand, "undo-attempts");
    hand.perform_all();
    approve(&mut hand, "restore-answers");
    hand.perform_all();
    hand.seconds(12, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack, "{}", hand.waiting());
}

#[test]
fn an_approval_may_come_while_the_bleeding_is_being_stopped() {
    let mut hand = levels();
    hand.climb_to(1);
    assert!(hand.command(approver(), Command::Approve { step: "undo-attempts".to_owned() }).is_err());
    hand.roll_back();
    approve(&mut hand, "undo-attempts");
    assert_eq!(undoings(&hand), 0);
    hand.perform_all();
    assert_eq!(undoings(&hand), 1);
}

#[test]
fn recovery_is_seen_for_its_time_on_the_control() {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.climb_to(1);
    hand.roll_back();
    hand.perform_all();
    // Last good itself is beyond the limit of 20% for a while.
    let bad = Second { control: (360, 120), ..HEALTHY };
    hand.seconds(20, bad);
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
    assert!(hand.waiting().contains("signals of v1 are still beyond their limits"), "{}", hand.waiting());
    hand.seconds(30, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
}

#[test]
fn recovery_that_does_not_come_calls_a_person() {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.climb_to(1);
    hand.roll_back();
    hand.perform_all();
    let bad = Second { control: (360, 120), ..HEALTHY };
    hand.seconds(98, bad);
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
    hand.seconds(4, bad);
    assert_eq!(hand.release.phase(), PhaseName::Stuck);
    assert!(hand.waiting().contains("its signals have not recovered"), "{}", hand.waiting());
    hand.roll_back();
    hand.perform_all();
    hand.seconds(30, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
}

#[test]
fn recovery_that_could_not_be_seen_is_said_to_be_unseen() {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.climb_to(1);
    hand.roll_back();
    hand.wait(1);
    hand.perform_all();
    (0..15).for_each(|_| hand.wait(1));
    let unseen = |event: &Event| matches!(event, Event::RecoveryVerified { silent } if silent.len() == 2);
    assert!(hand.has(unseen));
}

#[test]
fn traffic_that_was_left_out_is_done_before_it_is_over_and_recovery_is_seen_after_it() {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.climb_to(1);
    hand.roll_back();
    hand.fail(false);
    hand.command(on_call(), Command::Rollback { why: why(), level: Some(Level::Deploy) }).unwrap();
    hand.perform_all();
    hand.seconds(12, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::Stuck);
    hand.roll_back();
    hand.perform_all();
    assert_eq!(
        hand.release.phase(),
        PhaseName::RollingBack,
        "what was seen before the traffic was back proves nothing"
    );
    hand.seconds(12, HEALTHY);
    let clock = hand.release.clock();
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
    assert!(clock.bleeding_stopped < clock.verified_recovered, "{clock:?}");
}

#[test]
fn contained_goes_back_without_doing_again_what_is_done() {
    let mut hand = levels();
    hand.climb_to(1);
    hand.command(on_call(), Command::Contain { why: why() }).unwrap();
    hand.perform_all();
    assert_eq!(hand.release.phase(), PhaseName::Contained);
    assert_eq!(started(&hand), ["flag-submit", "traffic"]);
    hand.roll_back();
    hand.perform_all();
    assert_eq!(started(&hand), ["flag-submit", "traffic", "withdraw"]);
    assert!(hand.waiting().contains("undo-attempts"), "{}", hand.waiting());
}

#[test]
fn contained_goes_forward_from_the_first_stage_and_back_again_completely() {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.climb_to(2);
    hand.command(on_call(), Command::Contain { why: why() }).unwrap();
    hand.perform_all();
    hand.command(owner(), Command::Promote { why: why() }).unwrap();
    hand.perform_all();
    assert_eq!(hand.release.stage(), Some(0));
    assert_eq!(hand.release.in_force().unwrap().to_string(), "v2 1%, v1 99%");
    assert_eq!(hand.release.clock().decided, None, "that incident is over");
    hand.roll_back();
    hand.perform_all();
    hand.seconds(12, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
    assert_eq!(started(&hand), ["traffic", "traffic", "withdraw", "recovery"]);
}

#[test]
fn a_decision_hands_out_nothing_of_the_phase_it_ends() {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.climb_to(0);
    let before = hand.effects.len();
    hand.seconds(20, HEALTHY);
    hand.roll_back();
    let main: Vec<&Desired> = hand.effects[before..]
        .iter()
        .map(|effect| &effect.desired)
        .filter(|desired| !matches!(desired, Desired::Notice(_)))
        .collect();
    assert_eq!(main.len(), 2, "the next stage, then the way back: {main:?}");
    let generations: Vec<_> = hand.effects.iter().map(|effect| effect.generation).collect();
    assert!(generations.is_sorted_by(|one, other| one < other), "{generations:?}");
}
