//! Evidence from histograms and gauges, and from errors that are common.

use ripcord_engine::{Arms, Groups, Histogram, PhaseName, Sample};
use ripcord_model::blueprint::Measure;

use crate::{
    evidence::{baking, counts, led_by, ratio},
    support::Hand,
};

const WORSE: &str = "worse than control by 20%";
const BASELINE: &str = "worse than baseline by 20%";
const BOUNDS: [f64; 8] = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4];

fn latency() -> Measure {
    Measure::Quantile { histogram: "seconds".to_owned(), q: 0.99 }
}

fn lag() -> Measure {
    Measure::Gauge { gauge: "lag".to_owned() }
}

/// A histogram in which most answers take at most 0.1 s, and so many of the candidate's more than 0.8 s.
fn histogram(slow: u64, value: f64) -> Option<Sample> {
    let buckets = |all: u64, slow: u64| vec![0, all - slow - all / 50, all / 50, 0, 0, slow, 0, 0, 0];
    Some(Sample::Histogram(Box::new(Histogram {
        bounds: BOUNDS.to_vec(),
        counts: Arms { canary: buckets(400, slow), control: buckets(3_600, 36) },
        values: Arms { canary: Some(value), control: Some(1.0) },
    })))
}

fn goes_back(hand: &mut Hand, limit: u64, sample: impl Fn(u64) -> Option<Sample>) -> Option<u64> {
    (1..=limit).find(|second| {
        hand.block(|block| block.samples[0] = sample(*second));
        hand.release.phase() != PhaseName::Releasing
    })
}

#[test]
fn slow_answers_are_weighed_by_buckets() {
    let mut hand = baking(led_by(latency(), &[WORSE]));
    hand.block(|block| block.samples[0] = histogram(4, 0.1));
    let learning = hand.rule("submit-errors", WORSE).detail.unwrap().silent.unwrap();
    assert!(learning.contains("being learnt from last good"), "{learning}");
    assert_eq!(goes_back(&mut hand, 60, |_| histogram(4, 0.1)), None, "as slow as last good");
    assert!(goes_back(&mut hand, 60, |_| histogram(16, 1.5)).is_some());
    let verdict = hand.verdict().unwrap();
    assert!(verdict.reason.contains("v2 1.500 against v1 1.000"), "{}", verdict.reason);
    assert!(verdict.reason.contains(" slow answers against "), "{}", verdict.reason);
    let rule = &verdict.evidence.unwrap().rules[0];
    assert!(rule.canary.is_some() && rule.effect.unwrap().estimate > 1.0, "{rule:?}");
}

#[test]
fn a_quantile_without_buckets_says_that_it_cannot_be_weighed() {
    let values = |_| Some(Sample::Values(Arms { canary: Some(9.0), control: Some(0.1) }));
    let mut hand = baking(led_by(latency(), &[WORSE]));
    assert_eq!(goes_back(&mut hand, 60, values), None);
    let silent = hand.rule("submit-errors", WORSE).detail.unwrap().silent.unwrap();
    assert!(silent.contains("in a form that cannot be weighed"), "{silent}");
}

/// A gauge that wobbles around a value on both arms, differently.
fn wobbling(second: u64, canary: f64) -> Option<Sample> {
    let wobble = |seed: u64| {
        let mut random = ripcord_testkit::Random::new(seed * 1_000 + second);
        0.9 + 0.2 * random.unit()
    };
    Some(Sample::Values(Arms { canary: Some(canary * wobble(1)), control: Some(100.0 * wobble(2)) }))
}

#[test]
fn a_gauge_is_compared_in_batches() {
    let mut hand = baking(led_by(lag(), &[WORSE]));
    assert_eq!(goes_back(&mut hand, 1_200, |second| wobbling(second, 110.0)), None, "within the margin");
    let mut hand = baking(led_by(lag(), &[WORSE]));
    assert!(goes_back(&mut hand, 1_200, |second| wobbling(second, 180.0)).is_some());
    let effect = hand.verdict().unwrap().evidence.unwrap().rules[0].effect.unwrap();
    assert!((effect.estimate - 1.8).abs() < 0.1, "{effect:?}");
    assert_eq!((effect.low, effect.high), (None, None), "there is no interval of a gauge");
}

#[test]
fn a_gauge_and_a_quantile_are_held_against_what_they_were() {
    for measure in [lag(), latency()] {
        let held_against = |baseline| {
            let mut hand = baking(led_by(measure.clone(), &[BASELINE]));
            hand.block(|block| {
                block.samples[0] = None;
                block.baseline = vec![Some(baseline), None];
            });
            hand
        };
        assert_eq!(goes_back(&mut held_against(100.0), 800, |second| wobbling(second, 100.0)), None);
        let mut worse = held_against(100.0);
        assert!(goes_back(&mut worse, 800, |second| wobbling(second, 200.0)).is_some(), "{measure:?}");
        let reason = worse.verdict().unwrap().reason;
        assert!(reason.contains("against 100 before the release"), "{reason}");
        let mut never = held_against(0.0);
        assert_eq!(goes_back(&mut never, 800, |second| wobbling(second, 200.0)), None);
        let silent = never.rule("submit-errors", BASELINE).detail.unwrap().silent.unwrap();
        assert!(silent.contains("was 0 before the release"), "{silent}");
    }
}

#[test]
fn instances_whose_gauges_differ_are_not_trusted() {
    let mut hand = baking(led_by(lag(), &[WORSE]));
    for second in 1..1_500 {
        let Some(Sample::Values(arms)) = wobbling(second, 180.0) else { unreachable!() };
        let control = arms.control.unwrap();
        hand.block(|block| {
            block.samples[0] = Some(Sample::Values(arms));
            block.groups = vec![Some(Groups::Values(vec![Some(control * 1.7), Some(control * 0.3)])), None];
        });
    }
    assert_eq!(hand.release.phase(), PhaseName::Releasing, "{:?}", hand.verdict());
    assert!(hand.rule("submit-errors", WORSE).detail.unwrap().distrusted);
    assert!(hand.waiting().contains("last good's own instances differ"), "{}", hand.waiting());
}

#[test]
fn errors_that_are_common_are_weighed_as_such() {
    // 30 % on last good, 40 % on the candidate: with tolerance for a fifth more, a small excess among many.
    let mut hand = baking(led_by(ratio(), &[WORSE]));
    let common = |bad| move |_| counts((400, bad), (3_600, 1_080));
    assert_eq!(goes_back(&mut hand, 200, common(140)), None);
    assert!(goes_back(&mut hand, 200, common(176)).is_some());
}
