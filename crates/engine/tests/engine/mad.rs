//! A source that says anything at all: nothing panics, nothing is infinite, and what is stored gives the same again.

use proptest::prelude::*;
use ripcord_engine::{
    Arms, Block, Counts, Exposed, Groups, Histogram, Input, Liveness, PhaseName, Release, Sample, Status,
};
use ripcord_model::{
    Duration, SignalName,
    blueprint::{Blueprint, Measure, Signal},
};

use crate::{evidence::quiet, support::Hand};

/// Every measure with every rule that fits it.
fn everything() -> Blueprint {
    let text = str::to_owned;
    let both = ["worse than control by 20%", "worse than baseline by 20%"];
    let signals: [(&str, Measure, &[&str]); 6] = [
        ("errors", Measure::Ratio { bad: text("b"), all: text("a") }, &["over 1%", both[0], both[1]]),
        ("orders", Measure::Success { good: text("g"), all: text("a") }, &both),
        ("crashes", Measure::Count { counter: text("c"), per: None }, &[both[0], both[1], "above 3 in 30m"]),
        ("tickets", Measure::Count { counter: text("t"), per: Some(text("s")) }, &both),
        ("latency", Measure::Quantile { histogram: text("h"), q: 0.99 }, &both),
        ("lag", Measure::Gauge { gauge: text("l") }, &[both[0], both[1], "above 2x baseline for 3m"]),
    ];
    let mut blueprint = quiet();
    let bare = blueprint.signals[0].clone();
    blueprint.signals = signals
        .into_iter()
        .map(|(name, measure, rules)| Signal {
            name: SignalName::new(name).unwrap(),
            measure,
            rollback: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
            contain: vec![both[0].parse().unwrap()],
            hold: vec![both[0].parse().unwrap()],
            ..bare.clone()
        })
        .collect();
    blueprint.evidence.warm_up = Duration::from_secs(2);
    blueprint
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => 0.0..200.0,
        1 => any::<f64>(),
        1 => proptest::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 1e-310]),
    ]
}

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..500_u64, 1 => any::<u64>()]
}

fn arms<T: std::fmt::Debug>(of: impl Strategy<Value = T> + Clone) -> impl Strategy<Value = Arms<T>> {
    (of.clone(), of).prop_map(|(canary, control)| Arms { canary, control })
}

fn counts() -> impl Strategy<Value = Counts> + Clone {
    (prop_oneof![6 => 0..5_000_u64, 1 => any::<u64>()], prop_oneof![6 => 0..50_u64, 1 => any::<u64>()])
        .prop_map(|(n, bad)| Counts { n, bad })
        .boxed()
}

fn exposed() -> impl Strategy<Value = Exposed> + Clone {
    (number(), number()).prop_map(|(exposure, events)| Exposed { exposure, events }).boxed()
}

fn buckets() -> impl Strategy<Value = Vec<u64>> + Clone {
    prop_oneof![8 => proptest::collection::vec(amount(), 4), 1 => proptest::collection::vec(amount(), 0..6)]
        .boxed()
}

fn sample() -> impl Strategy<Value = Sample> {
    let value = || proptest::option::weighted(0.9, number()).boxed();
    let bounds = prop_oneof![
        8 => Just(vec![0.1, 0.5, 1.0]),
        1 => proptest::collection::vec(number(), 0..4),
    ];
    let histogram = (bounds, arms(buckets()), arms(value())).prop_map(|(bounds, counts, values)| {
        Sample::Histogram(Box::new(Histogram { bounds, counts, values }))
    });
    prop_oneof![
        arms(counts()).prop_map(Sample::Counts),
        arms(number().boxed()).prop_map(Sample::Events),
        arms(exposed()).prop_map(Sample::Exposed),
        arms(value()).prop_map(Sample::Values),
        histogram,
    ]
}

fn groups() -> impl Strategy<Value = Groups> {
    prop_oneof![
        proptest::collection::vec(counts(), 0..6).prop_map(Groups::Counts),
        proptest::collection::vec(exposed(), 0..6).prop_map(Groups::Exposed),
        proptest::collection::vec(proptest::option::weighted(0.9, number()), 0..6).prop_map(Groups::Values),
        proptest::collection::vec(buckets(), 0..6).prop_map(Groups::Histogram),
    ]
}

/// What a source says in one block: mostly what fits, sometimes for the wrong signal, sometimes too little.
type Said = (Vec<Option<Sample>>, Vec<Option<Groups>>, Vec<Option<f64>>, Arms<u64>, i64, bool);

fn said() -> impl Strategy<Value = Said> {
    let fitting = (
        arms(counts()),
        arms(counts()),
        arms(number().boxed()),
        arms(exposed()),
        arms(buckets()),
        arms(proptest::option::weighted(0.9, number()).boxed()),
    )
        .prop_map(|(errors, orders, crashes, tickets, counts, lag)| {
            let values = lag;
            let latency = Histogram { bounds: vec![0.1, 0.5, 1.0], counts, values };
            vec![
                Some(Sample::Counts(errors)),
                Some(Sample::Counts(orders)),
                Some(Sample::Events(crashes)),
                Some(Sample::Exposed(tickets)),
                Some(Sample::Histogram(Box::new(latency))),
                Some(Sample::Values(lag)),
            ]
        });
    let anything = proptest::collection::vec(proptest::option::weighted(0.8, sample()), 0..8);
    (
        prop_oneof![4 => fitting.boxed(), 1 => anything.boxed()],
        proptest::collection::vec(proptest::option::weighted(0.5, groups()), 0..8),
        proptest::collection::vec(proptest::option::weighted(0.5, number()), 0..8),
        arms(amount().boxed()),
        prop_oneof![8 => Just(1_000_i64), 1 => -3_600_000..3_600_000_i64],
        prop::bool::weighted(0.95),
    )
}

/// Whether a release in this phase can still be shown blocks.
fn goes_on(release: &Release) -> bool {
    release.phase() == PhaseName::Releasing
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_source_says(blocks in proptest::collection::vec(said(), 1..60)) {
        let mut hand = Hand::new(everything());
        hand.command(crate::support::owner(), ripcord_engine::Command::Ship).unwrap();
        hand.perform_all();
        let mut stored = hand.release.clone();
        for (samples, groups, baseline, requests, step_ms, lives) in blocks {
            hand.now = ripcord_model::Timestamp::from_ms(hand.now.as_ms() + step_ms);
            let block = Block {
                seq: hand.release.next_block(),
                at: hand.now,
                requests,
                candidate: if lives { Liveness::Running } else { Liveness::Dead },
                last_good: Liveness::Running,
                samples,
                groups,
                baseline,
            };
            let text = serde_json::to_vec(&block).unwrap();
            hand.release.observe(&block);
            stored.observe(&serde_json::from_slice(&text).expect("what was stored can be read"));
            prop_assert!(stored == hand.release, "a replay of {} differs", String::from_utf8_lossy(&text));
            let status = hand.release.status(hand.now);
            let read: Status = serde_json::from_value(serde_json::to_value(&status).unwrap()).unwrap();
            prop_assert_eq!(read, status, "a number of the status is none");
            // The release decides on its own copy, so that every block finds it looking.
            let mut decides = hand.release.clone();
            let step = decides.step(&Input::Tick, hand.now).expect("a tick is never refused");
            for fact in step.facts {
                let text = serde_json::to_string(&fact.event).unwrap();
                prop_assert_eq!(&serde_json::from_str::<ripcord_engine::Event>(&text).unwrap(), &fact.event);
                decides.apply(&fact.event, hand.now);
            }
            prop_assert!(goes_on(&hand.release));
        }
    }
}
