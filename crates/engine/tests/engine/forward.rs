//! Climbing: dwell, exposure, agreement to 100 %, what stays running.

use ripcord_engine::{Command, Desired, Event, Outcome, PhaseName, Place, ReadBack};
use ripcord_model::{Duration, blueprint::Artifact};
use ripcord_testkit::blueprints::exams;

use crate::support::{HEALTHY, Hand, Second, approver, done, on_call, owner, why};

fn hand() -> Hand {
    Hand::new(exams("exam-submit-v2"))
}

fn promote() -> Command {
    Command::Promote { why: why() }
}

fn running(hand: &Hand) -> Vec<Vec<String>> {
    let names = |running: &[Artifact]| running.iter().map(|artifact| artifact.version.to_string()).collect();
    let in_production = hand.effects.iter().filter_map(|effect| match &effect.desired {
        Desired::Workload { place: Place::Production, running } => Some(names(running)),
        _ => None,
    });
    in_production.collect()
}

#[test]
fn a_stage_lasts_its_dwell() {
    let mut hand = hand();
    hand.climb_to(0);
    hand.seconds(19, HEALTHY);
    assert_eq!(hand.release.stage(), Some(0));
    hand.seconds(1, HEALTHY);
    assert_eq!(hand.release.stage(), Some(1));
}

#[test]
fn the_dwell_begins_when_the_router_has_been_read_back() {
    let mut hand = hand();
    hand.climb_to(0);
    hand.seconds(20, HEALTHY);
    hand.seconds(60, HEALTHY);
    assert_eq!(hand.release.stage(), Some(1));
    assert!(hand.waiting().contains("traffic to v2 10%, v1 90% is under way"), "{}", hand.waiting());
    hand.perform_all();
    hand.seconds(19, HEALTHY);
    assert_eq!(hand.release.stage(), Some(1));
    hand.seconds(1, HEALTHY);
    assert_eq!(hand.release.stage(), Some(2));
}

#[test]
fn a_stage_waits_for_its_exposure() {
    let mut hand = hand();
    hand.climb_to(1);
    let few = Second { requests: 3, ..HEALTHY };
    hand.seconds(33, few);
    assert_eq!(hand.waiting(), "99 of at least 100 requests so far");
    hand.second(few);
    assert_eq!(hand.release.stage(), Some(2), "{}", hand.waiting());
}

#[test]
fn full_share_needs_a_person_however_long_it_takes() {
    let mut hand = hand();
    hand.climb_to(2);
    hand.seconds(24 * 60, HEALTHY);
    assert_eq!(hand.release.stage(), Some(2));
    assert!(hand.waiting().contains("entered by a named person"), "{}", hand.waiting());
    hand.command(owner(), promote()).unwrap();
    assert_eq!(hand.release.stage(), Some(3));
}

#[test]
fn an_agreement_is_given_before_full_share_and_not_hours_ahead() {
    let mut hand = hand();
    hand.climb_to(1);
    let refusal = hand.command(owner(), promote()).unwrap_err();
    assert!(refusal.to_string().contains("stage 2 of 4 ends by itself"), "{refusal}");
    hand.climb_to(2);
    hand.command(owner(), promote()).unwrap();
    hand.seconds(25, HEALTHY);
    assert_eq!(hand.release.stage(), Some(3));
}

#[test]
fn an_acknowledgement_counts_for_four_hours() {
    for (minutes, enters) in [(239, true), (241, false)] {
        let mut hand = hand();
        hand.climb_to(2);
        hand.command(on_call(), Command::Acknowledge).unwrap();
        hand.command(owner(), Command::Hold { why: why() }).unwrap();
        hand.seconds(30, HEALTHY);
        hand.now = hand.now.plus(Duration::from_mins(minutes)).plus(Duration::from_secs(0));
        hand.now = ripcord_model::Timestamp::from_ms(hand.now.as_ms() - 31_000);
        hand.second(HEALTHY);
        hand.second(HEALTHY);
        hand.command(owner(), promote()).unwrap();
        hand.second(HEALTHY);
        assert_eq!(hand.release.stage() == Some(3), enters, "after {minutes} min: {}", hand.waiting());
    }
}

#[test]
fn a_hold_takes_an_agreement_back() {
    let mut hand = hand();
    hand.climb_to(2);
    hand.command(owner(), promote()).unwrap();
    hand.command(approver(), Command::Hold { why: "wait for me".to_owned() }).unwrap();
    hand.seconds(25, HEALTHY);
    hand.command(owner(), promote()).unwrap();
    assert_eq!(hand.release.stage(), Some(2), "lifting a hold is not agreeing to 100%");
    hand.seconds(5, HEALTHY);
    assert_eq!(hand.release.stage(), Some(2));
    hand.command(owner(), promote()).unwrap();
    assert_eq!(hand.release.stage(), Some(3));
}

#[test]
fn containment_takes_an_agreement_back() {
    let mut hand = hand();
    hand.climb_to(2);
    hand.command(owner(), promote()).unwrap();
    hand.command(on_call(), Command::Contain { why: why() }).unwrap();
    hand.perform_all();
    hand.command(owner(), promote()).unwrap();
    hand.climb_to(2);
    hand.seconds(60, HEALTHY);
    assert_eq!(hand.release.stage(), Some(2), "100% after containment needs a new agreement");
}

#[test]
fn what_was_ready_is_looked_at_again_before_full_share() {
    let mut hand = hand();
    hand.climb_to(2);
    hand.seconds(30, HEALTHY);
    // Beyond the hold limit, not yet for long enough to hold.
    hand.seconds(2, Second { canary: (400, 100), control: (3_600, 900), ..HEALTHY });
    assert!(hand.waiting().contains("submit-errors is beyond a limit"), "{}", hand.waiting());
    hand.command(owner(), promote()).unwrap();
    assert_eq!(hand.release.stage(), Some(2));
    hand.seconds(15, Second { canary: (400, 0), control: (3_600, 0), ..HEALTHY });
    assert_eq!(hand.release.stage(), Some(3), "{}", hand.waiting());
}

#[test]
fn last_good_runs_until_complete() {
    let mut hand = hand();
    hand.verify();
    hand.seconds(40, HEALTHY);
    assert_eq!(running(&hand), [vec!["v1"], vec!["v2", "v1"]]);
    hand.command(owner(), Command::Complete { why: why() }).unwrap();
    hand.perform_all();
    assert_eq!(hand.release.phase(), PhaseName::Complete);
    assert_eq!(running(&hand), [vec!["v1"], vec!["v2", "v1"], vec!["v2"]]);
}

#[test]
fn stages_are_asked_for_one_by_one_and_never_more() {
    let mut hand = hand();
    hand.verify();
    let shares: Vec<String> = hand
        .effects
        .iter()
        .filter_map(|effect| match &effect.desired {
            Desired::Traffic { place: Place::Production, weights } => Some(weights.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(shares, ["v1 100%", "v2 1%, v1 99%", "v2 10%, v1 90%", "v2 50%, v1 50%", "v2 100%"]);
}

#[test]
fn a_router_that_reads_back_something_else_is_not_believed() {
    let mut hand = hand();
    hand.climb_to(0);
    hand.seconds(20, HEALTHY);
    let effect = hand.main().unwrap();
    let Desired::Traffic { .. } = effect.desired else { panic!("{:?}", effect.desired) };
    let other = ripcord_engine::Weights::all_to(&hand.release.blueprint().candidate.version);
    hand.outcome(effect.generation, Outcome::Done(ReadBack::Traffic(other))).unwrap();
    assert!(!hand.has(|event| matches!(event, Event::StageBaking { stage: 1 })));
    assert!(hand.waiting().contains("failed 1 times"), "{}", hand.waiting());
}

#[test]
fn a_version_that_still_runs_is_not_withdrawn() {
    let mut hand = hand();
    hand.climb_to(0);
    let both = done(
        &hand
            .effects
            .iter()
            .rev()
            .find(|effect| matches!(effect.desired, Desired::Workload { .. }))
            .unwrap()
            .desired,
    );
    hand.roll_back();
    hand.perform();
    let effect = hand.main().unwrap();
    assert!(matches!(&effect.desired, Desired::Workload { running, .. } if running.len() == 1));
    hand.outcome(effect.generation, both).unwrap();
    assert!(hand.has(
        |event| matches!(event, Event::EffectFailed { reason, .. } if reason.contains("v2 still runs"))
    ));
}

#[test]
fn a_stage_that_cannot_be_brought_about_goes_back() {
    let mut hand = hand();
    hand.climb_to(0);
    hand.seconds(20, HEALTHY);
    hand.fail(false);
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
    assert!(matches!(hand.main().unwrap().desired, Desired::Traffic { .. }));
}

#[test]
fn transient_failures_are_tried_again_with_growing_pauses_and_end() {
    let mut hand = hand();
    hand.climb_to(0);
    hand.seconds(20, HEALTHY);
    let mut pauses = Vec::new();
    while hand.release.phase() == PhaseName::Releasing {
        hand.fail(true);
        if let Some((at, Event::EffectFailed { retry_at: Some(retry_at), .. })) = hand.events.last() {
            pauses.push(retry_at.since(*at).as_ms());
            hand.now = *retry_at;
            hand.tick();
        }
    }
    assert_eq!(pauses, [250, 500, 1_000, 2_000]);
}

#[test]
fn what_nobody_waits_for_is_refused_and_changes_nothing() {
    let mut hand = hand();
    hand.climb_to(0);
    let (before, old) = (hand.release.clone(), hand.effects[0].clone());
    for generation in [old.generation, ripcord_engine::Generation(10_000)] {
        let refusal = hand.outcome(generation, done(&old.desired)).unwrap_err();
        assert!(refusal.to_string().contains("is not under way"), "{refusal}");
    }
    assert!(hand.release == before);
}

#[test]
fn a_release_that_shows_many_rules_at_once_is_no_endless_row_of_facts() {
    let mut blueprint = exams("exam-submit-v2");
    let hold = blueprint.signals[0].hold[0].clone();
    let template = blueprint.signals[0].clone();
    for number in 0..60 {
        let mut signal = template.clone();
        signal.name = ripcord_model::SignalName::new(format!("errors-{number}")).unwrap();
        signal.rollback.clear();
        signal.hold = vec![hold.clone()];
        blueprint.signals.push(signal);
    }
    let mut hand = Hand::new(blueprint);
    hand.command(owner(), Command::Ship).unwrap();
    hand.perform_all();
    let bad = Second { canary: (40, 5), control: (360, 45), ..HEALTHY };
    let mut samples = bad.samples();
    samples.extend(std::iter::repeat_n(samples[0].clone(), 60));
    (0..5).for_each(|_| hand.samples(bad, samples.clone()));
    assert_eq!(hand.count(|event| matches!(event, Event::Held { .. })), 61);
}
