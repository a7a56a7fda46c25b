//! No data is a verdict of its own: it holds, it has a deadline, and it never counts as good.

use ripcord_engine::{Arms, Cause, Command, Event, HoldCause, PhaseName, VerdictKind};
use ripcord_model::{Duration, blueprint::BlindAction};
use ripcord_testkit::blueprints::exams;

use crate::support::{HEALTHY, Hand, Second, on_call, owner, why};

fn silent(hand: &mut Hand, seconds: u64) {
    (0..seconds).for_each(|_| hand.samples(HEALTHY, vec![None, None]));
}

fn is_blind(event: &Event) -> bool {
    matches!(event, Event::Held { cause: HoldCause::Blind { .. } })
}

fn hand(then: BlindAction) -> Hand {
    let mut blueprint = exams("exam-submit-v2");
    blueprint.blind.then = then;
    Hand::new(blueprint)
}

#[test]
fn a_silent_stage_holds_and_goes_back_at_its_deadline() {
    let mut hand = hand(BlindAction::Rollback);
    hand.climb_to(0);
    silent(&mut hand, 10);
    assert!(!hand.has(is_blind));
    silent(&mut hand, 1);
    assert!(hand.has(is_blind));
    silent(&mut hand, 59);
    assert_eq!((hand.release.phase(), hand.release.stage()), (PhaseName::Releasing, Some(0)));
    silent(&mut hand, 1);
    assert!(
        hand.has(|event| matches!(event,
        Event::RollbackDecided { cause: Cause::Verdict(verdict), .. } if verdict.kind == VerdictKind::Blind))
    );
}

#[test]
fn a_release_that_asks_asks_once_and_never_advances() {
    let mut hand = hand(BlindAction::Ask);
    hand.climb_to(0);
    silent(&mut hand, 600);
    let asked =
        |event: &Event| matches!(event, Event::Judged { verdict } if verdict.kind == VerdictKind::Blind);
    assert_eq!(hand.count(asked), 1);
    assert_eq!((hand.release.phase(), hand.release.stage()), (PhaseName::Releasing, Some(0)));
    assert!(hand.waiting().contains("blind: submit-errors, latency-p99 says nothing"), "{}", hand.waiting());
    hand.seconds(1, HEALTHY);
    assert!(!hand.waiting().contains("blind"), "{}", hand.waiting());
    silent(&mut hand, 80);
    assert_eq!(hand.count(asked), 2, "it asks again when it is blind again");
}

#[test]
fn silence_that_is_too_long_just_now_is_seen_before_the_next_look_at_the_clock() {
    let mut hand = hand(BlindAction::Rollback);
    hand.verify();
    hand.seconds(40, HEALTHY);
    hand.now = hand.now.plus(Duration::from_ms(10_001));
    let refusal = hand.command(owner(), Command::Complete { why: why() }).unwrap_err();
    assert!(refusal.to_string().contains("blind"), "{refusal}");
    assert_eq!(hand.release.phase(), PhaseName::Verifying);
}

#[test]
fn containment_forgets_that_it_was_asked() {
    let mut hand = hand(BlindAction::Ask);
    hand.climb_to(0);
    silent(&mut hand, 80);
    hand.command(on_call(), Command::Contain { why: why() }).unwrap();
    hand.perform_all();
    hand.command(owner(), Command::Promote { why: why() }).unwrap();
    hand.perform_all();
    silent(&mut hand, 80);
    let asked =
        |event: &Event| matches!(event, Event::Judged { verdict } if verdict.kind == VerdictKind::Blind);
    assert_eq!(hand.count(asked), 2);
}

#[test]
fn at_full_share_silence_has_the_same_deadline_and_a_missing_control_is_not_silence() {
    let mut hand = hand(BlindAction::Rollback);
    hand.verify();
    let alone = Second { control: (0, 0), latency: Arms { canary: Some(0.2), control: None }, ..HEALTHY };
    hand.seconds(25, alone);
    assert!(!hand.has(is_blind), "{}", hand.waiting());
    silent(&mut hand, 20);
    let refusal = hand.command(owner(), Command::Complete { why: why() }).unwrap_err();
    assert!(refusal.to_string().contains("blind"), "{refusal}");
    silent(&mut hand, 60);
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
}

#[test]
fn one_silent_signal_is_enough() {
    let mut hand = hand(BlindAction::Rollback);
    hand.climb_to(0);
    for _ in 0..75 {
        hand.samples(HEALTHY, vec![HEALTHY.samples()[0].clone(), None]);
    }
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
}

#[test]
fn a_dead_reader_is_silence_too() {
    let mut hand = hand(BlindAction::Rollback);
    hand.climb_to(0);
    (0..72).for_each(|_| hand.wait(1));
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
}

#[test]
fn a_clock_that_jumps_makes_blind_and_not_ready() {
    let mut hand = hand(BlindAction::Ask);
    hand.climb_to(0);
    hand.seconds(12, HEALTHY);
    hand.wait(30 * 60);
    assert!(hand.has(is_blind), "half an hour was slept through");
    assert_eq!(hand.release.stage(), Some(0));
    hand.second(HEALTHY);
    assert_eq!(hand.release.stage(), Some(1), "{}", hand.waiting());
}

#[test]
fn a_signal_that_never_spoke_about_the_candidate_ends_no_stage() {
    let mut hand = hand(BlindAction::Rollback);
    hand.climb_to(0);
    let control_alone = Second { latency: Arms { canary: None, control: Some(0.2) }, ..HEALTHY };
    // Longer than the stage, shorter than the deadline of blindness.
    hand.seconds(50, control_alone);
    assert_eq!(hand.release.stage(), Some(0));
    assert!(hand.has(is_blind), "enough requests went to it for its silence to be no chance");
    assert!(hand.waiting().contains("latency-p99 has said nothing about v2"), "{}", hand.waiting());
    hand.second(HEALTHY);
    assert_eq!(hand.release.stage(), Some(1));
}

#[test]
fn nothing_is_blind_before_the_candidate_has_traffic_and_after_it_is_withdrawn() {
    let mut hand = hand(BlindAction::Rollback);
    hand.command(owner(), Command::Ship).unwrap();
    (0..200).for_each(|_| hand.wait(1));
    assert!(!hand.has(is_blind));
    hand.climb_to(0);
    hand.command(on_call(), Command::Contain { why: why() }).unwrap();
    hand.perform_all();
    (0..200).for_each(|_| hand.wait(1));
    assert_eq!(hand.release.phase(), PhaseName::Contained);
    assert!(!hand.has(is_blind));
    assert_eq!(hand.release.blueprint().blind.deadline, Duration::from_secs(60));
}
