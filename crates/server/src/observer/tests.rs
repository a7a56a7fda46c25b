use std::{sync::Arc, time::Duration};

use ripcord_engine::{Arms, Groups, Liveness};
use ripcord_model::Timestamp;
use tokio::{runtime, sync::mpsc, time};

use super::{Observers, Order, counter::RequestCounter, reading::Reader};
use crate::{
    clock::ManualClock,
    loop_::Message,
    systems::Connections,
    testing::{self, Fault, Script, version},
};

fn reader(script: &Script) -> (Reader, tempfile::TempDir) {
    let root = tempfile::tempdir().unwrap();
    let blueprint = Arc::new(testing::blueprint(root.path()));
    let clock = Arc::new(ManualClock::at(Timestamp::from_ms(1_000)));
    (Reader::new(blueprint, Arc::new(Connections::new(script.systems())), clock), root)
}

#[tokio::test(start_paused = true)]
async fn whatever_the_source_does_there_is_a_block_and_silence_is_seen_in_it() {
    for fault in [Fault::Hang, Fault::Panic, Fault::Permanent] {
        let script = Script::baking().with("metrics.read", fault.clone());
        let (mut reader, _root) = reader(&script);
        let block = reader.block(true).await;
        assert_eq!(block.samples, [None], "{fault:?}");
        assert_eq!(block.candidate, Liveness::Running, "{fault:?}");
        // The source is back: so are the samples.
        script.memory().faults.clear();
        let block = reader.block(true).await;
        assert!(block.samples[0].is_some(), "{fault:?}");
        assert_eq!(block.requests, Arms { canary: 10, control: 90 });
    }
}

#[tokio::test(start_paused = true)]
async fn what_instances_say_apart_is_in_the_block_and_takes_no_room_when_there_is_nothing() {
    let script = Script::baking();
    let (mut reader, _root) = reader(&script);
    let apart = vec![Some(Groups::Values(vec![Some(1.0), None]))];
    script.memory().groups = apart.clone();
    assert_eq!(reader.block(true).await.groups, apart);
    script.memory().groups = vec![None];
    assert_eq!(reader.block(true).await.groups, []);
}

#[tokio::test(start_paused = true)]
async fn a_candidate_is_dead_only_when_it_should_run_and_the_workload_says_it_does_not() {
    let script = Script::baseline();
    let (mut reader, _root) = reader(&script);
    assert_eq!(reader.block(true).await.candidate, Liveness::Dead);
    assert_eq!(reader.block(false).await.candidate, Liveness::Unknown);
    script.memory().faults.insert("workload.read_back", Fault::Hang);
    assert_eq!(reader.block(true).await.candidate, Liveness::Unknown);
}

#[test]
fn requests_are_differences_and_a_reset_counts_from_zero() {
    let root = tempfile::tempdir().unwrap();
    let blueprint = testing::blueprint(root.path());
    let mut counter = RequestCounter::default();
    let mut count = |v1: u64, v2: u64| {
        counter.difference(vec![(version("v1"), v1), (version("v2"), v2), (version("v9"), 7)], &blueprint)
    };
    assert_eq!(count(100, 50), Arms { canary: 0, control: 0 });
    assert_eq!(count(160, 57), Arms { canary: 7, control: 60 });
    assert_eq!(count(5, 2), Arms { canary: 2, control: 5 });
}

#[tokio::test(start_paused = true)]
async fn an_observer_reports_when_told_and_stops_when_the_release_is_over() {
    let root = tempfile::tempdir().unwrap();
    let blueprint = Arc::new(testing::blueprint(root.path()));
    let connections = Arc::new(Connections::new(Script::baking().systems()));
    let clock = Arc::new(ManualClock::default());
    let (sender, mut messages) = mpsc::channel(8);
    let mut observers = Observers::new(connections, clock, runtime::Handle::current(), sender);
    let quiet = Order { report: false, candidate_should_run: true };
    observers.set(&blueprint, quiet);
    assert!(time::timeout(Duration::from_secs(5), messages.recv()).await.is_err(), "it was told to be quiet");
    observers.set(&blueprint, Order { report: true, ..quiet });
    for _ in 0..3 {
        let message = time::timeout(Duration::from_secs(5), messages.recv()).await.unwrap();
        assert!(matches!(message, Some(Message::Block { release, .. }) if release == blueprint.release));
    }
    observers.stop(&blueprint.release);
    while messages.try_recv().is_ok() {}
    assert!(time::timeout(Duration::from_secs(5), messages.recv()).await.is_err(), "it should have stopped");
}
