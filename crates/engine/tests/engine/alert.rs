//! What Alertmanager says, where a rule gives it weight.

use ripcord_engine::{AlertThen, Cause, Command, PhaseName, Refusal};
use ripcord_model::{Actor, Duration, Timestamp};
use ripcord_testkit::blueprints::exams;

use crate::support::{HEALTHY, Hand, on_call, owner, why};

fn in_stage_two() -> Hand {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.climb_to(1);
    hand.seconds(5, HEALTHY);
    hand
}

fn alert(since: Timestamp, then: AlertThen) -> Command {
    Command::Alert { alert: "ExamsDown".to_owned(), since, then }
}

#[test]
fn an_alert_sends_the_release_back_and_says_when_the_harm_began() {
    let mut hand = in_stage_two();
    let since = hand.now.minus(Duration::from_secs(3));
    hand.command(Actor::ripcord(), alert(since, AlertThen::Rollback)).unwrap();
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
    let clock = hand.release.clock();
    assert_eq!(
        (clock.harm_began, clock.detected, clock.decided),
        (Some(since), Some(hand.now), Some(hand.now))
    );
    let status = hand.release.status(hand.now);
    assert!(matches!(status.cause, Some(Cause::Alert { alert, .. }) if alert == "ExamsDown"));
    let again = hand.command(Actor::ripcord(), alert(since, AlertThen::Rollback)).unwrap_err();
    assert!(matches!(again, Refusal::WrongPhase { .. }), "{again}");
}

#[test]
fn an_alert_holds_until_it_is_over_or_a_person_goes_on() {
    let mut hand = in_stage_two();
    let since = hand.now;
    hand.command(Actor::ripcord(), alert(since, AlertThen::Hold)).unwrap();
    hand.command(Actor::ripcord(), alert(since, AlertThen::Hold)).unwrap();
    assert!(hand.waiting().contains("the alert ExamsDown fires"), "{}", hand.waiting());
    hand.seconds(60, HEALTHY);
    assert_eq!(hand.release.stage(), Some(1), "it does not advance");
    hand.command(Actor::ripcord(), alert(since, AlertThen::Lift)).unwrap();
    assert!(!hand.waiting().contains("ExamsDown"), "{}", hand.waiting());
    hand.command(Actor::ripcord(), alert(hand.now, AlertThen::Hold)).unwrap();
    hand.command(owner(), Command::Promote { why: why() }).unwrap();
    assert!(!hand.waiting().contains("ExamsDown"), "{}", hand.waiting());
}

#[test]
fn an_alert_that_began_before_the_release_was_out_is_no_evidence_against_it() {
    for then in [AlertThen::Hold, AlertThen::Rollback] {
        let mut hand = in_stage_two();
        let before = hand.release.clone();
        let long_ago = hand.now.minus(Duration::from_mins(60));
        let refused = hand.command(Actor::ripcord(), alert(long_ago, then)).unwrap_err();
        assert!(refused.to_string().contains("before any user had the candidate"), "{refused}");
        assert_eq!(hand.release, before);
        let mut early = Hand::new(exams("exam-submit-v2"));
        assert!(early.command(Actor::ripcord(), alert(early.now, then)).is_err());
    }
}

#[test]
fn nobody_but_ripcord_says_that_alertmanager_said_something() {
    for then in [AlertThen::Hold, AlertThen::Lift, AlertThen::Rollback] {
        let mut hand = in_stage_two();
        let refused = hand.command(on_call(), alert(hand.now, then)).unwrap_err();
        assert!(matches!(refused, Refusal::OnlyRipcord { .. }), "{refused}");
    }
}
