//! What is done to learn what signals were before the release.

use std::{sync::Arc, time::Duration};

use ripcord_engine::{Arms, Block, Counts, Histogram, Liveness, Sample};
use ripcord_model::{
    Timestamp,
    blueprint::{Blueprint, Measure},
};
use tokio::time;

use super::{baseline::Baseline, reading::Reader, watched::Watched};
use crate::{
    clock::ManualClock,
    systems::Connections,
    testing::{self, Fault, Script},
};

/// A release whose only signal is compared with what it was before.
fn blueprint() -> Arc<Blueprint> {
    let root = tempfile::tempdir().unwrap();
    let mut blueprint = testing::blueprint(root.path());
    blueprint.signals[0].rollback = vec!["worse than baseline by 20%".parse().unwrap()];
    Arc::new(blueprint)
}

fn reader(script: &Script) -> Reader {
    let clock = Arc::new(ManualClock::at(Timestamp::from_ms(1_000)));
    Reader::new(blueprint(), Arc::new(Connections::new(script.systems())), clock)
}

fn asked(script: &Script) -> usize {
    script.memory().log.iter().filter(|place| *place == "metrics.past").count()
}

/// Looks, and lets whatever runs beside it run.
async fn block(reader: &mut Reader) -> Vec<Option<f64>> {
    reader.block(true).await;
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    reader.baseline()
}

#[tokio::test(start_paused = true)]
async fn the_past_is_asked_for_once_and_carried_by_the_next_block_and_ever_rarer_ones() {
    let script = Script::baking();
    script.memory().past = Some(vec![Some(0.01)]);
    let mut reader = reader(&script);
    assert!(block(&mut reader).await.is_empty(), "the answer is awaited beside the readings");
    let mut carried = Vec::new();
    for _ in 0..9 {
        carried.push(block(&mut reader).await);
    }
    let with: Vec<usize> = (0..9).filter(|position| !carried[*position].is_empty()).collect();
    assert_eq!(with, [0, 1, 3, 7]);
    assert!(with.iter().all(|position| carried[*position] == [Some(0.01)]));
    assert_eq!(asked(&script), 1);
}

#[tokio::test(start_paused = true)]
async fn a_past_that_is_not_told_is_asked_for_again_and_delays_no_block() {
    let script = Script::baking().with("metrics.past", Fault::Transient(1));
    script.memory().past = Some(vec![None]);
    let mut reader = reader(&script);
    for _ in 0..3 {
        assert!(block(&mut reader).await.is_empty());
    }
    assert_eq!(asked(&script), 1, "not at every block");
    time::advance(Duration::from_secs(30)).await;
    block(&mut reader).await;
    assert!(block(&mut reader).await.is_empty(), "the source has too little of it");
    script.memory().past = Some(vec![Some(0.02)]);
    time::advance(Duration::from_secs(30)).await;
    block(&mut reader).await;
    assert_eq!(block(&mut reader).await, [Some(0.02)]);
    assert_eq!(asked(&script), 3);

    for fault in [Fault::Hang, Fault::Panic, Fault::Permanent] {
        let script = Script::baking().with("metrics.past", fault.clone());
        let mut reader = self::reader(&script);
        for _ in 0..3 {
            let block = reader.block(true).await;
            assert!(block.samples[0].is_some(), "{fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_asks_when_no_rule_needs_it() {
    let script = Script::baking();
    script.memory().past = Some(vec![Some(0.01)]);
    let root = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(Timestamp::from_ms(1_000)));
    let blueprint = Arc::new(testing::blueprint(root.path()));
    let mut reader = Reader::new(blueprint, Arc::new(Connections::new(script.systems())), clock);
    for _ in 0..3 {
        assert!(block(&mut reader).await.is_empty());
    }
    assert_eq!(asked(&script), 0);
}

fn seen(candidate: Liveness, canary: u64, control: Counts) -> Block {
    Block {
        seq: 0,
        at: Timestamp::from_ms(0),
        requests: Arms { canary, control: control.n },
        candidate,
        last_good: Liveness::Running,
        samples: vec![Some(Sample::Counts(Arms { canary: Counts::default(), control }))],
        groups: Vec::new(),
        baseline: Vec::new(),
    }
}

/// For a source that keeps nothing.
async fn forgetful() -> Baseline {
    let connections = Arc::new(Connections::new(Script::baseline().systems()));
    let mut baseline = Baseline::new(&blueprint(), &connections, Timestamp::from_ms(0));
    baseline.look().await;
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    baseline.look().await;
    baseline
}

#[tokio::test(start_paused = true)]
async fn a_source_without_a_past_is_watched_until_the_candidate_runs() {
    let mut baseline = forgetful().await;
    for _ in 0..10 {
        baseline.hear(&seen(Liveness::Unknown, 0, Counts { n: 50, bad: 1 }));
        assert!(baseline.carry().is_empty(), "not before the candidate runs");
    }
    baseline.hear(&seen(Liveness::Running, 0, Counts { n: 50, bad: 50 }));
    assert_eq!(baseline.carry(), [Some(0.02)]);
}

#[tokio::test(start_paused = true)]
async fn too_little_seen_before_the_candidate_is_no_past() {
    let few_blocks = (9, Counts { n: 500, bad: 1 });
    let few_events = (40, Counts { n: 2, bad: 0 });
    for (blocks, counts) in [few_blocks, few_events] {
        let mut baseline = forgetful().await;
        for _ in 0..blocks {
            baseline.hear(&seen(Liveness::Unknown, 0, counts));
        }
        baseline.hear(&seen(Liveness::Unknown, 1, counts));
        for _ in 0..40 {
            baseline.hear(&seen(Liveness::Unknown, 0, counts));
        }
        assert!(baseline.carry().is_empty(), "and what comes after the candidate is no past either");
    }
}

#[test]
fn every_kind_of_signal_is_summed_up_as_its_baseline_is_defined() {
    let root = tempfile::tempdir().unwrap();
    let mut signal = testing::blueprint(root.path()).signals.remove(0);
    let mut value = |sample: Sample, measure: Measure| {
        let mut watched = Watched::new(1);
        let mut block = seen(Liveness::Unknown, 0, Counts { n: 20, bad: 0 });
        block.samples = vec![Some(sample)];
        (0..10).for_each(|_| watched.take(&block));
        signal.measure = measure;
        watched.value(0, &signal)
    };
    let name = || "x".to_owned();
    let counts = Sample::Counts(Arms { canary: Counts::default(), control: Counts { n: 100, bad: 25 } });
    assert_eq!(value(counts.clone(), Measure::Ratio { bad: name(), all: name() }), Some(0.25));
    assert_eq!(
        value(counts, Measure::Success { good: name(), all: name() }),
        Some(0.75),
        "the rate of success"
    );
    let events = Sample::Events(Arms { canary: 0.0, control: 5.0 });
    assert_eq!(value(events, Measure::Count { counter: name(), per: None }), Some(0.25), "per request");
    let values = Sample::Values(Arms { canary: None, control: Some(3.0) });
    assert_eq!(value(values, Measure::Gauge { gauge: name() }), Some(3.0));
    let histogram = Histogram {
        bounds: vec![1.0, 2.0],
        counts: Arms { canary: vec![0; 3], control: vec![10, 10, 0] },
        values: Arms { canary: None, control: Some(9.0) },
    };
    let histogram = Sample::Histogram(Box::new(histogram));
    assert_eq!(value(histogram, Measure::Quantile { histogram: name(), q: 0.75 }), Some(1.5));
}
