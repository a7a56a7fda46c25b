//! Advancing by evidence of safety: what it needs, what it says meanwhile, and a person's way on.

use ripcord_engine::{Command, Event, NoticeKind, PhaseName, WaitingOn};
use ripcord_model::{Duration, blueprint::AdvanceOn};

use crate::{
    evidence::{baking, counts, led_by, ratio},
    support::{Hand, agent, owner, why},
};

const WORSE: &str = "worse than control by 20%";

fn by_evidence() -> Hand {
    let mut blueprint = led_by(ratio(), &[WORSE]);
    blueprint.evidence.advance_on = AdvanceOn::Evidence;
    blueprint.stages[0].dwell = Duration::from_secs(5);
    baking(blueprint)
}

/// Seconds in which both versions have 1 % errors, with so many requests to the candidate.
fn fine(hand: &mut Hand, seconds: u64, requests: u64) {
    for _ in 0..seconds {
        hand.block(|block| {
            block.samples[0] = counts((requests, requests / 100), (36_000, 360));
            block.requests.canary = requests;
        });
    }
}

fn waits_for_evidence(hand: &Hand) -> bool {
    let waiting = hand.release.status(hand.now).waiting;
    waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Evidence { .. }))
}

#[test]
fn a_stage_waits_for_evidence_from_every_signal_that_has_it() {
    let mut hand = by_evidence();
    fine(&mut hand, 10, 100);
    assert_eq!(hand.release.stage(), Some(0));
    assert!(waits_for_evidence(&hand), "{}", hand.waiting());
    assert!(hand.waiting().contains("submit-errors has not shown yet that it is safe"), "{}", hand.waiting());
    let detail = hand.rule("submit-errors", WORSE).detail.unwrap();
    assert!(detail.safety_log_e < detail.safety_threshold);
    fine(&mut hand, 60, 4_000);
    hand.perform_all();
    assert_eq!(hand.release.stage(), Some(1), "{}", hand.waiting());
    let ready = hand.events.iter().find_map(|(_, event)| match event {
        Event::Judged { verdict } => Some(verdict.clone()),
        _ => None,
    });
    let evidence = ready.unwrap().evidence.expect("the numbers are part of the verdict");
    assert!(evidence.rules[0].safety_log_e.unwrap() >= -(0.05_f64.ln()));
}

#[test]
fn evidence_of_safety_carries_over_to_the_next_stage() {
    let mut hand = by_evidence();
    fine(&mut hand, 70, 4_000);
    hand.perform_all();
    fine(&mut hand, 25, 4_000);
    assert!(!waits_for_evidence(&hand), "{}", hand.waiting());
    assert!(hand.has(|event| matches!(event, Event::StageEntered { stage: 2 })), "{}", hand.waiting());
}

#[test]
fn a_person_may_go_on_without_and_has_to_say_so_for_every_stage() {
    let mut hand = by_evidence();
    let promote = |hand: &mut Hand| hand.command(owner(), Command::Promote { why: why() });
    assert!(promote(&mut hand).is_err(), "not hours ahead, while the stage still bakes");
    fine(&mut hand, 10, 100);
    let asked = |hand: &Hand| {
        hand.count(|event| {
            matches!(event, Event::Intended { effect } if matches!(&effect.desired,
            ripcord_engine::Desired::Notice(notice) if notice.kind == NoticeKind::Attention))
        })
    };
    assert_eq!(asked(&hand), 1, "a person is asked once");
    let next = hand.release.status(hand.now).next;
    assert!(next[0].starts_with("ripcord promote"), "{next:?}");
    hand.command(agent(), Command::Promote { why: why() }).unwrap_err();
    promote(&mut hand).unwrap();
    hand.perform_all();
    assert_eq!(hand.release.stage(), Some(1));
    fine(&mut hand, 25, 100);
    assert!(hand.release.stage() == Some(1) && waits_for_evidence(&hand), "{}", hand.waiting());
    promote(&mut hand).unwrap();
    hand.perform_all();
    fine(&mut hand, 25, 100);
    assert_eq!(hand.release.stage(), Some(2));
    // Before all traffic it is one agreement, not two.
    promote(&mut hand).unwrap();
    hand.perform_all();
    assert_eq!(hand.release.phase(), PhaseName::Verifying, "{}", hand.waiting());
    let without = |event: &Event| matches!(event, Event::Promoted { without, .. } if without.len() == 1);
    assert_eq!(hand.count(without), 3);
    fine(&mut hand, 40, 100);
    hand.command(owner(), Command::Complete { why: why() }).expect("a named person declares it anyhow");
}

#[test]
fn an_early_agreement_to_full_share_is_not_one_to_missing_evidence() {
    let mut hand = by_evidence();
    for _ in 0..2 {
        fine(&mut hand, 25, 100);
        hand.command(owner(), Command::Promote { why: why() }).unwrap();
        hand.perform_all();
    }
    fine(&mut hand, 2, 100);
    assert_eq!(hand.release.stage(), Some(2));
    hand.command(owner(), Command::Promote { why: why() }).unwrap();
    fine(&mut hand, 40, 100);
    assert!(hand.release.stage() == Some(2) && waits_for_evidence(&hand), "{}", hand.waiting());
}

#[test]
fn within_limits_suffices_where_the_plan_does_not_ask_for_more() {
    let mut blueprint = led_by(ratio(), &[WORSE]);
    blueprint.stages[0].dwell = Duration::from_secs(5);
    let mut hand = baking(blueprint);
    fine(&mut hand, 10, 100);
    hand.perform_all();
    assert_eq!(hand.release.stage(), Some(1), "{}", hand.waiting());
    assert!(!waits_for_evidence(&hand));
}
