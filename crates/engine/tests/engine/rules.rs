//! Rules as people write them, on samples: when they fire, when they do not, what a gap does.

use ripcord_engine::{Arms, Event, PhaseName, Sample, VerdictKind};
use ripcord_model::{
    Duration,
    blueprint::{Blueprint, Condition, Direction, Limit, Measure, Quantity, Rule, Sustain},
};
use ripcord_testkit::blueprints::exams;

use crate::support::{HEALTHY, Hand, Second, on_call, owner, why};

fn rule(direction: Direction, limit: Limit, sustain: Sustain) -> Rule {
    Rule::Threshold(Condition { direction, limit, sustain })
}

fn above(limit: Limit, seconds: u64) -> Rule {
    rule(Direction::Above, limit, Sustain::For(Duration::from_secs(seconds)))
}

fn absolute(number: f64) -> Limit {
    Limit::Absolute(Quantity::Number(number))
}

/// A release whose second signal measures `measure` and goes back by `rules`; the first has no rule.
fn measuring(measure: Measure, rules: Vec<Rule>) -> Blueprint {
    let mut blueprint = exams("exam-submit-v2");
    blueprint.signals[0].rollback.clear();
    blueprint.signals[0].hold.clear();
    blueprint.signals[1].measure = measure;
    blueprint.signals[1].rollback = rules;
    blueprint
}

fn gauge() -> Measure {
    Measure::Gauge { gauge: "queue_length".to_owned() }
}

fn count() -> Measure {
    Measure::Count { counter: "tickets".to_owned(), per: None }
}

fn quantile() -> Measure {
    Measure::Quantile { histogram: "request_seconds".to_owned(), q: 0.99 }
}

fn baking(blueprint: Blueprint) -> Hand {
    let mut hand = Hand::new(blueprint);
    hand.climb_to(0);
    hand
}

/// A second in which the second signal says this.
fn says(hand: &mut Hand, sample: Option<Sample>) {
    hand.samples(HEALTHY, vec![HEALTHY.samples()[0].clone(), sample]);
}

fn values(canary: f64, control: f64) -> Option<Sample> {
    Some(Sample::Values(Arms { canary: Some(canary), control: Some(control) }))
}

fn events(canary: f64) -> Option<Sample> {
    Some(Sample::Events(Arms { canary, control: 0.0 }))
}

/// The seconds of `sample` after which the release goes back; `None` when it does not within `limit`.
fn goes_back_after(hand: &mut Hand, limit: u64, sample: Option<Sample>) -> Option<u64> {
    (1..=limit).find(|_| {
        says(hand, sample.clone());
        hand.release.phase() == PhaseName::RollingBack
    })
}

#[test]
fn above_for_lasts_exactly_as_long_as_it_says() {
    let mut hand = baking(measuring(quantile(), vec![above(absolute(0.5), 4)]));
    // The first sample begins the time, so that four seconds are five samples.
    assert_eq!(goes_back_after(&mut hand, 10, values(0.6, 0.2)), Some(5));
    let mut hand = baking(measuring(quantile(), vec![above(absolute(0.5), 4)]));
    assert_eq!(goes_back_after(&mut hand, 4, values(0.6, 0.2)), None);
    says(&mut hand, values(0.5, 0.2));
    assert_eq!(goes_back_after(&mut hand, 4, values(0.6, 0.2)), None, "a good sample begins it anew");
}

#[test]
fn below_is_the_other_side() {
    let below = rule(Direction::Below, absolute(10.0), Sustain::For(Duration::from_secs(2)));
    let mut hand = baking(measuring(quantile(), vec![below]));
    assert_eq!(goes_back_after(&mut hand, 5, values(10.0, 10.0)), None);
    assert_eq!(goes_back_after(&mut hand, 5, values(9.0, 10.0)), Some(3));
}

#[test]
fn a_multiple_of_control_follows_the_control() {
    let blueprint = || measuring(quantile(), vec![above(Limit::TimesControl(2.0), 2)]);
    assert_eq!(goes_back_after(&mut baking(blueprint()), 6, values(0.6, 0.4)), None);
    assert_eq!(goes_back_after(&mut baking(blueprint()), 6, values(0.6, 0.2)), Some(3));
}

#[test]
fn a_time_and_a_percentage_compare_as_seconds_and_fractions() {
    let time = Limit::Absolute(Quantity::Time(Duration::from_ms(300)));
    let mut hand = baking(measuring(quantile(), vec![above(time, 1)]));
    assert_eq!(goes_back_after(&mut hand, 5, values(0.2, 0.2)), None);
    assert_eq!(goes_back_after(&mut hand, 5, values(0.31, 0.2)), Some(2));

    let mut blueprint = exams("exam-submit-v2");
    blueprint.signals[0].rollback = vec![above(Limit::Absolute(Quantity::Percent(20.0)), 2)];
    let mut hand = baking(blueprint);
    hand.seconds(8, Second { canary: (40, 7), ..HEALTHY });
    assert_eq!(hand.release.phase(), PhaseName::Releasing, "17.5% is not above 20%");
    hand.seconds(20, Second { canary: (40, 12), ..HEALTHY });
    assert_eq!(hand.release.phase(), PhaseName::RollingBack);
}

#[test]
fn a_gauge_is_its_mean_over_the_window() {
    let mut hand = baking(measuring(gauge(), vec![above(absolute(100.0), 1)]));
    (0..9).for_each(|_| says(&mut hand, values(50.0, 50.0)));
    says(&mut hand, values(500.0, 50.0));
    assert_eq!(hand.release.phase(), PhaseName::Releasing, "one outlier among ten is 95 on average");
    assert_eq!(goes_back_after(&mut hand, 3, values(500.0, 50.0)), Some(2));
}

#[test]
fn an_amount_within_a_time_fires_at_once_and_forgets_what_is_older() {
    let above_in = rule(Direction::Above, absolute(3.0), Sustain::In(Duration::from_secs(30)));
    let mut blueprint = measuring(count(), vec![above_in]);
    blueprint.stages[0].dwell = Duration::from_mins(10);
    let mut hand = baking(blueprint);
    for _ in 0..6 {
        says(&mut hand, events(1.0));
        (0..11).for_each(|_| says(&mut hand, events(0.0)));
    }
    assert_eq!(hand.release.phase(), PhaseName::Releasing, "three in any 30 s are not above 3");
    assert_eq!(goes_back_after(&mut hand, 4, events(1.0)), Some(2));
}

#[test]
fn too_little_in_a_time_is_not_said_before_the_time_has_passed() {
    let below_in = rule(Direction::Below, absolute(5.0), Sustain::In(Duration::from_secs(30)));
    let mut blueprint = measuring(count(), vec![below_in]);
    blueprint.stages[0].dwell = Duration::from_mins(10);
    let mut hand = baking(blueprint.clone());
    assert_eq!(goes_back_after(&mut hand, 120, events(1.0)), None, "one a second is plenty");
    let mut hand = baking(blueprint);
    let after = goes_back_after(&mut hand, 60, events(0.0)).expect("nothing in 30 s is too little");
    assert!((18..=31).contains(&after), "{after}");
}

#[test]
fn a_gap_in_the_data_begins_the_time_anew() {
    let blueprint = || {
        let mut blueprint = measuring(quantile(), vec![above(absolute(0.5), 6)]);
        blueprint.blind.after = Duration::from_secs(3);
        blueprint
    };
    let mut hand = baking(blueprint());
    assert_eq!(goes_back_after(&mut hand, 4, values(0.6, 0.2)), None);
    (0..2).for_each(|_| says(&mut hand, None));
    assert_eq!(goes_back_after(&mut hand, 9, values(0.6, 0.2)), Some(1), "a short gap does not");
    let mut hand = baking(blueprint());
    assert_eq!(goes_back_after(&mut hand, 4, values(0.6, 0.2)), None);
    (0..4).for_each(|_| says(&mut hand, None));
    assert_eq!(goes_back_after(&mut hand, 9, values(0.6, 0.2)), Some(7), "a long one does");
}

#[test]
fn without_a_control_no_comparison_stays_violated_for_ever() {
    let mut blueprint = measuring(quantile(), vec![above(Limit::TimesControl(2.0), 8)]);
    blueprint.signals[1].hold = vec![above(Limit::TimesControl(1.5), 1)];
    let mut hand = Hand::new(blueprint);
    hand.climb_to(2);
    hand.seconds(25, HEALTHY);
    hand.command(owner(), ripcord_engine::Command::Promote { why: why() }).unwrap();
    // While the router moves, the candidate is slow for three seconds: it holds, and then the control is gone.
    (0..3).for_each(|_| says(&mut hand, values(0.6, 0.2)));
    assert!(hand.has(|event| matches!(event, Event::Held { .. })));
    hand.perform_all();
    let alone = Second { control: (0, 0), latency: Arms { canary: Some(0.2), control: None }, ..HEALTHY };
    hand.seconds(45, alone);
    assert_eq!(hand.waiting(), "validation has passed; complete is declared by a named person");
    hand.command(owner(), ripcord_engine::Command::Complete { why: why() }).unwrap();
}

#[test]
fn evidence_carries_over_from_stage_to_stage() {
    // Half as many errors again as on control: too little for one stage, enough for two.
    let worse = Second { canary: (150, 7), control: (3_600, 108), ..HEALTHY };
    let mut hand = baking(exams("exam-submit-v2"));
    let mut ended_in = None;
    for _ in 0..80 {
        if hand.release.phase() == PhaseName::RollingBack {
            ended_in = hand.events.iter().rev().find_map(|(_, event)| match event {
                Event::StageEntered { stage } => Some(*stage),
                _ => None,
            });
            break;
        }
        hand.perform_all();
        hand.second(worse);
    }
    let stage = ended_in.expect("the evidence is enough in the end");
    let seconds_in_stage = hand.events.iter().rev().find_map(|(at, event)| {
        matches!(event, Event::StageBaking { .. }).then(|| hand.now.since(*at).as_ms() / 1_000)
    });
    assert!(stage >= 1, "it was enough within the first stage");
    let verdict = hand.events.iter().find_map(|(_, event)| match event {
        Event::RollbackDecided { cause: ripcord_engine::Cause::Verdict(verdict), .. } => {
            Some(verdict.clone())
        }
        _ => None,
    });
    let verdict = verdict.expect("a verdict decided");
    assert_eq!((verdict.kind, verdict.signal.unwrap().as_str()), (VerdictKind::Rollback, "submit-errors"));
    assert!(verdict.log_e.unwrap() >= verdict.threshold.unwrap());
    // It counted what earlier stages had seen: this stage alone has not seen as many requests as the verdict names.
    let seen = seconds_in_stage.unwrap_or(0) * 150;
    assert!(!verdict.reason.contains(&format!("of {seen} against")), "{}", verdict.reason);
}

#[test]
fn evidence_needs_events_on_both_sides() {
    let mut hand = baking(exams("exam-submit-v2"));
    hand.seconds(15, Second { canary: (2, 2), control: (0, 0), ..HEALTHY });
    let by_evidence = |event: &Event| matches!(event, Event::RollbackDecided { cause: ripcord_engine::Cause::Verdict(verdict), .. } if verdict.log_e.is_some());
    assert!(!hand.has(by_evidence), "there is nothing to compare with");
    assert_eq!(hand.release.phase(), PhaseName::RollingBack, "but above 20% for 5s is above 20% for 5s");
}

#[test]
fn a_hold_by_evidence_ends_when_the_evidence_is_gone() {
    let mut blueprint = exams("exam-submit-v2");
    blueprint.signals[0].rollback.clear();
    blueprint.signals[0].hold = vec![Rule::WorseThanControl { margin: 0.2 }];
    blueprint.stages[0].dwell = Duration::from_mins(60);
    let mut hand = baking(blueprint);
    hand.seconds(60, Second { canary: (40, 4), ..HEALTHY });
    assert!(hand.has(|event| matches!(event, Event::Held { .. })), "{}", hand.waiting());
    for _ in 0..2_000 {
        if hand.has(|event| matches!(event, Event::HoldLifted { .. })) {
            return;
        }
        hand.second(Second { canary: (400, 1), ..HEALTHY });
    }
    panic!("it holds for ever: {}", hand.waiting());
}

#[test]
fn a_rule_that_holds_stops_the_climb_and_lets_it_go_on() {
    let mut hand = baking(exams("exam-submit-v2"));
    hand.seconds(6, Second { canary: (40, 5), control: (360, 45), ..HEALTHY });
    assert!(hand.waiting().contains("submit-errors is above 8"), "{}", hand.waiting());
    let refusal = hand.command(owner(), ripcord_engine::Command::Promote { why: why() }).unwrap_err();
    assert!(refusal.to_string().contains("not while it holds"), "{refusal}");
    hand.seconds(30, HEALTHY);
    assert!(hand.has(|event| matches!(event, Event::HoldLifted { .. })));
    assert_eq!(hand.release.stage(), Some(1), "{}", hand.waiting());
}

#[test]
fn a_contain_rule_contains() {
    let mut blueprint = measuring(quantile(), Vec::new());
    blueprint.signals[1].contain = vec![above(absolute(0.5), 2)];
    let mut hand = baking(blueprint);
    (0..4).for_each(|_| says(&mut hand, values(0.6, 0.2)));
    assert!(hand.has(|event| matches!(event, Event::ContainDecided { .. })));
    hand.perform_all();
    assert_eq!(hand.release.phase(), PhaseName::Contained);
    hand.command(on_call(), ripcord_engine::Command::Promote { why: why() }).unwrap();
    hand.perform_all();
    hand.seconds(3, HEALTHY);
    assert_eq!(hand.release.stage(), Some(0), "what was seen before says nothing about the new exposure");
}

#[test]
fn three_samples_without_an_instance_are_a_death_and_two_are_not() {
    let dead = Second { candidate: ripcord_engine::Liveness::Dead, ..HEALTHY };
    let mut hand = baking(exams("exam-submit-v2"));
    hand.seconds(2, dead);
    hand.second(HEALTHY);
    hand.seconds(2, dead);
    assert_eq!(hand.release.phase(), PhaseName::Releasing);
    hand.second(dead);
    assert!(hand.has(|event| matches!(
        event,
        Event::RollbackDecided { cause: ripcord_engine::Cause::CandidateDied, .. }
    )));
}
