//! Input that is wrong, missing, late or mad: each has its verdict, and none is taken for good or bad.

use ripcord_engine::{Arms, Block, Counts, Event, Exposed, Groups, Histogram, HoldCause, PhaseName, Sample};
use ripcord_model::{
    Duration,
    blueprint::{Blueprint, Measure},
};

use crate::{
    evidence::{baking, counts, led_by, ratio},
    support::{HEALTHY, Hand},
};

const WORSE: &str = "worse than control by 20%";

fn count() -> Measure {
    Measure::Count { counter: "crashes".to_owned(), per: None }
}

fn gauge() -> Measure {
    Measure::Gauge { gauge: "lag".to_owned() }
}

fn quantile() -> Measure {
    Measure::Quantile { histogram: "seconds".to_owned(), q: 0.99 }
}

fn worse() -> Option<Sample> {
    counts((400, 12), (3_600, 36))
}

fn histogram(bounds: &[f64], buckets: usize) -> Option<Sample> {
    let counts = |each: u64| vec![each; buckets];
    Some(Sample::Histogram(Box::new(Histogram {
        bounds: bounds.to_vec(),
        counts: Arms { canary: counts(10), control: counts(90) },
        values: Arms { canary: Some(0.4), control: Some(0.4) },
    })))
}

fn shows(hand: &mut Hand, sample: &Option<Sample>) {
    hand.block(|block| block.samples[0].clone_from(sample));
}

/// Twelve seconds of this, which is longer than the plan lets a signal be silent; what the status says of the signal.
fn silenced_by(blueprint: Blueprint, sample: &Option<Sample>) -> (Hand, Option<String>) {
    let mut hand = baking(blueprint);
    (0..12).for_each(|_| shows(&mut hand, sample));
    let why = hand.signal("submit-errors").unusable;
    (hand, why)
}

fn is_blind(hand: &Hand) -> bool {
    hand.has(
        |event| matches!(event, Event::Held { cause: HoldCause::Blind { signals } } if signals.len() == 1),
    )
}

#[test]
fn a_sample_that_cannot_be_used_is_silence_with_a_reason() {
    let limit = &["above 5% for 5m"][..];
    let events = |canary, control| Some(Sample::Events(Arms { canary, control }));
    let exposed = |exposure| {
        let of = |exposure| Exposed { exposure, events: 1.0 };
        Some(Sample::Exposed(Arms { canary: of(exposure), control: of(9.0) }))
    };
    let per_session = Measure::Count { counter: "c".to_owned(), per: Some("sessions".to_owned()) };
    let cases = [
        (ratio(), limit, counts((10, 100), (90, 1)), "100 bad events among 10 on the candidate"),
        (ratio(), limit, counts((10, 1), (90, 91)), "91 bad events among 90 on last good"),
        (ratio(), limit, events(1.0, 1.0), "was a number of events, expected a ratio of events"),
        (count(), &["above 3 in 30m"], events(f64::NAN, 1.0), "on the candidate was no amount"),
        (count(), &["above 3 in 30m"], events(1.0, f64::INFINITY), "on last good was no amount"),
        (count(), &["above 3 in 30m"], events(-1.0, 1.0), "on the candidate was no amount"),
        (per_session, &["above 3 in 30m"], exposed(f64::NEG_INFINITY), "on the candidate was no amount"),
        (gauge(), &["above 10 for 1m"], counts((1, 1), (1, 1)), "was a ratio of events, expected a value"),
        (quantile(), &["above 1s for 1m"], histogram(&[0.1, 0.5], 2), "was no histogram"),
        (quantile(), &["above 1s for 1m"], histogram(&[0.5, 0.1], 3), "was no histogram"),
        (quantile(), &["above 1s for 1m"], histogram(&[0.1, f64::NAN], 3), "was no histogram"),
        (quantile(), &["above 1s for 1m"], histogram(&[], 1), "was no histogram"),
    ];
    for (measure, rules, sample, reason) in cases {
        let (hand, why) = silenced_by(led_by(measure, rules), &sample);
        assert!(why.as_ref().is_some_and(|why| why.contains(reason)), "{sample:?}: {why:?}");
        assert!(is_blind(&hand), "{sample:?} is not silence: {}", hand.waiting());
        assert_eq!(hand.release.phase(), PhaseName::Releasing, "nor is it bad");
    }
}

#[test]
fn a_good_sample_ends_the_silence_and_its_reason() {
    let (mut hand, _) = silenced_by(led_by(ratio(), &[WORSE]), &counts((10, 100), (90, 1)));
    shows(&mut hand, &HEALTHY.samples()[0]);
    assert_eq!(hand.signal("submit-errors").unusable, None);
    assert!(!hand.waiting().contains("blind"), "{}", hand.waiting());
    let totals = hand.rule("submit-errors", WORSE).detail.unwrap().canary.unwrap();
    assert!(totals.count == 0.0 && totals.of <= 400.0, "nothing of it was counted: {totals:?}");
}

#[test]
fn a_value_that_is_no_number_is_no_value() {
    let values =
        |canary, control| Some(Sample::Values(Arms { canary: Some(canary), control: Some(control) }));
    let rules = &["above 10 for 1s", "above 2x control for 1s"][..];
    for broken in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let (hand, _) = silenced_by(led_by(gauge(), rules), &values(broken, broken));
        assert!(is_blind(&hand) && hand.release.phase() == PhaseName::Releasing, "{broken}");
        let (hand, _) = silenced_by(led_by(gauge(), rules), &values(broken, 3.0));
        assert_eq!(hand.signal("submit-errors").canary, None, "{broken}");
        assert_eq!(hand.release.phase(), PhaseName::Releasing);
    }
}

#[test]
fn buckets_that_change_silence_evidence_and_leave_limits_alone() {
    let first = histogram(&[0.1, 0.5, 1.0], 4);
    let other = histogram(&[0.1, 0.5, 2.0], 4);
    let mut hand = baking(led_by(quantile(), &["worse than control by 20%"]));
    shows(&mut hand, &first);
    (0..12).for_each(|_| shows(&mut hand, &other));
    assert!(is_blind(&hand), "{}", hand.waiting());
    let why = hand.signal("submit-errors").unusable.unwrap();
    assert!(why.contains("other bounds than at first"), "{why}");
    shows(&mut hand, &first);
    assert!(!hand.waiting().contains("blind"), "{}", hand.waiting());

    let mut hand = baking(led_by(quantile(), &["above 300ms for 2s"]));
    shows(&mut hand, &first);
    (0..4).for_each(|_| shows(&mut hand, &other));
    assert_eq!(hand.release.phase(), PhaseName::RollingBack, "a limit needs no buckets");
}

#[test]
fn a_missing_scrape_changes_no_evidence() {
    let mut hand = baking(led_by(ratio(), &[WORSE]));
    shows(&mut hand, &worse());
    let before = hand.rule("submit-errors", WORSE).log_e;
    (0..5).for_each(|_| shows(&mut hand, &None));
    assert_eq!(hand.rule("submit-errors", WORSE).log_e, before);
}

#[test]
fn an_arm_without_requests_is_no_evidence() {
    for empty in [counts((0, 0), (3_600, 360)), counts((400, 400), (0, 0))] {
        let mut hand = baking(led_by(ratio(), &[WORSE]));
        let before = hand.rule("submit-errors", WORSE).log_e;
        (0..9).for_each(|_| shows(&mut hand, &empty));
        let rule = hand.rule("submit-errors", WORSE);
        assert!((rule.log_e.unwrap() - before.unwrap()).abs() < 1e-9, "{empty:?}");
        let silent = rule.detail.unwrap().silent.unwrap();
        assert!(silent.contains("nothing on one of the versions"), "{silent}");
        assert_eq!(hand.release.phase(), PhaseName::Releasing);
    }
}

#[test]
fn a_block_that_comes_twice_or_late_changes_nothing() {
    let block = |seq: u64, bad: u64, now| Block {
        seq,
        at: now,
        requests: Arms { canary: 400, control: 3_600 },
        candidate: ripcord_engine::Liveness::Dead,
        last_good: ripcord_engine::Liveness::Dead,
        samples: vec![counts((400, bad), (3_600, 36)), None],
        groups: Vec::new(),
        baseline: vec![Some(0.5), None],
    };
    let mut hand = baking(led_by(ratio(), &[WORSE]));
    (0..5).for_each(|_| shows(&mut hand, &worse()));
    let before = hand.release.clone();
    let newest = hand.release.next_block() - 1;
    for seq in [newest, newest - 1, 1, 0] {
        hand.release.observe(&block(seq, 400, hand.now));
        assert!(hand.release == before, "block {seq} of {newest}");
    }
    // A gap in the numbers is no harm.
    hand.release.observe(&block(newest + 10, 0, hand.now));
    assert!(hand.release != before && hand.release.next_block() == newest + 11);
}

#[test]
fn instances_that_come_and_go_are_told_apart_as_far_as_they_are_there() {
    let of = |bad| Counts { n: 900, bad };
    let told: [Option<Groups>; 6] = [
        None,
        Some(Groups::Counts(Vec::new())),
        Some(Groups::Counts(vec![of(9)])),
        Some(Groups::Counts(vec![of(9), of(8), of(10)])),
        Some(Groups::Counts(vec![of(9); 7])),
        // Of another kind than the sample, as a source that is wrong may say.
        Some(Groups::Values(vec![Some(1.0), None])),
    ];
    let mut hand = baking(led_by(ratio(), &[WORSE]));
    for groups in told.iter().cycle().take(60) {
        hand.block(|block| {
            block.samples[0] = worse();
            block.groups = vec![groups.clone(), None];
        });
    }
    let rule = &hand.verdict().expect("the regression is found all the same").evidence.unwrap().rules[0];
    assert!(!rule.distrusted, "{rule:?}");
}

#[test]
fn a_clock_that_jumps_ahead_ends_a_violation_and_moves_no_evidence() {
    let mut hand = baking(led_by(ratio(), &["above 20% for 30s", WORSE]));
    let bad = counts((400, 100), (3_600, 900));
    (0..5).for_each(|_| shows(&mut hand, &bad));
    let before = hand.rule("submit-errors", WORSE).log_e;
    hand.now = hand.now.plus(Duration::from_mins(50));
    shows(&mut hand, &bad);
    assert_eq!(hand.release.phase(), PhaseName::Releasing, "nobody knows what was in these 50 minutes");
    let after = hand.rule("submit-errors", WORSE).log_e;
    assert!((after.unwrap() - before.unwrap()).abs() < 1.0, "{before:?} {after:?}");
}

#[test]
fn a_clock_that_is_set_back_stands_still_for_limits_and_not_for_evidence() {
    let mut hand = baking(led_by(ratio(), &["above 20% for 30s", WORSE]));
    let bad = counts((400, 100), (3_600, 900));
    (0..5).for_each(|_| shows(&mut hand, &bad));
    hand.now = hand.now.minus(Duration::from_mins(50));
    (0..5).for_each(|_| shows(&mut hand, &bad));
    assert_eq!(hand.release.phase(), PhaseName::Releasing);
    (0..40).for_each(|_| shows(&mut hand, &counts((400, 40), (3_600, 36))));
    assert_eq!(hand.release.phase(), PhaseName::RollingBack, "blocks are what counts");
}

#[test]
fn every_number_of_a_block_survives_the_way_to_the_disk_and_back() {
    let broken = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.1 + 0.2, -0.0, 1e-310, 5e300];
    for number in broken {
        let exposed = Exposed { exposure: number, events: number };
        let samples = [
            Sample::Events(Arms { canary: number, control: number }),
            Sample::Exposed(Arms { canary: exposed, control: exposed }),
            Sample::Values(Arms { canary: Some(number), control: None }),
            histogram(&[number, 1.0], 3).unwrap(),
        ];
        for (position, sample) in samples.into_iter().enumerate() {
            let measure = [count(), count(), gauge(), quantile()][position].clone();
            let mut live = baking(led_by(measure, &["worse than control by 20%"]));
            let mut again = live.release.clone();
            live.block(|block| {
                block.samples[0] = Some(sample.clone());
                block.baseline = vec![Some(number), None];
                block.groups = vec![Some(Groups::Exposed(vec![exposed; 2])), None];
                let text = serde_json::to_vec(block).unwrap();
                again.observe(&serde_json::from_slice(&text).expect("a block that was stored can be read"));
            });
            // Looking at the clock adds facts of its own; what was observed must be the same.
            let observed = |release: &ripcord_engine::Release| release.status(live.now).signals;
            assert_eq!(observed(&again), observed(&live.release), "{number} as {sample:?}");
        }
    }
}
