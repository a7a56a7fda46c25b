use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use ripcord_engine::{
    CheckResult, Desired, Effect, Generation, Notice, NoticeKind, Outcome, Place, ReadBack, Weights,
};
use ripcord_model::{
    Share,
    blueprint::{Artifact, Blueprint},
};

use super::{Assignment, Executor};
use crate::{
    gate::{AskGate, Question},
    systems::Connections,
    testing::{self, Fault, Script, version},
};

struct OpenGate;

#[async_trait]
impl AskGate for OpenGate {
    async fn ask(&self, question: Question) -> Vec<CheckResult> {
        assert!(question.recorded, "the gate of an effect is asked about a recorded release");
        Vec::new()
    }
}

struct World {
    executor: Arc<Executor>,
    blueprint: Arc<Blueprint>,
    _root: tempfile::TempDir,
}

fn world(script: &Script) -> World {
    let root = tempfile::tempdir().unwrap();
    let blueprint = Arc::new(testing::blueprint(root.path()));
    let connections = Arc::new(Connections::new(script.systems()));
    World {
        executor: Arc::new(Executor::new(connections, Arc::new(OpenGate), Default::default())),
        blueprint,
        _root: root,
    }
}

impl World {
    fn start(&self, generation: u64, desired: Desired) -> impl Future<Output = Outcome> + Send + use<> {
        let effect = Effect { generation: Generation(generation), attempt: 1, desired };
        let blueprint = Arc::clone(&self.blueprint);
        self.executor.start(Assignment {
            blueprint,
            effect,
            others: Vec::new(),
            on_record: Default::default(),
        })
    }

    fn artifact(&self, name: &str) -> Artifact {
        Artifact { version: version(name), artifact: None, digest: None }
    }
}

fn traffic(weights: Weights) -> Desired {
    Desired::Traffic { place: Place::Production, weights }
}

fn reason(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Failed { reason, .. } => reason,
        Outcome::Done(_) | Outcome::Superseded => panic!("{outcome:?} has no reason"),
    }
}

#[tokio::test]
async fn traffic_is_never_pointed_at_a_version_that_does_not_run() {
    let script = Script::baseline();
    let world = world(&script);
    let split = Weights::split(&version("v2"), Share::percent(1), &version("v1"));
    let outcome = world.start(9, traffic(split)).await;
    assert!(matches!(outcome, Outcome::Failed { transient: true, .. }), "{outcome:?}");
    assert!(reason(&outcome).contains("no instance of v2 runs in production"), "{outcome:?}");
    assert!(!script.memory().log.contains(&"router.apply".to_owned()));
}

#[tokio::test]
async fn workload_then_traffic_come_back_with_what_was_read() {
    let script = Script::baseline();
    let world = world(&script);
    let running = vec![world.artifact("v2"), world.artifact("v1")];
    let outcome = world.start(8, Desired::Workload { place: Place::Production, running }).await;
    assert!(
        matches!(&outcome, Outcome::Done(ReadBack::Workload(instances)) if instances.len() == 2),
        "{outcome:?}"
    );
    let split = Weights::split(&version("v2"), Share::percent(1), &version("v1"));
    let outcome = world.start(9, traffic(split.clone())).await;
    assert_eq!(outcome, Outcome::Done(ReadBack::Traffic(split)));
}

#[tokio::test]
async fn a_panic_of_an_adapter_is_a_failure_like_any_other() {
    let world = world(&Script::baseline().with("router.apply", Fault::Panic));
    let outcome = world.start(9, traffic(Weights::all_to(&version("v1")))).await;
    assert!(matches!(outcome, Outcome::Failed { transient: false, .. }), "{outcome:?}");
    assert!(reason(&outcome).contains("router.apply panics"), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_never_answers_is_given_up_at_its_limit() {
    let world = world(&Script::baseline().with("router.apply", Fault::Hang));
    let outcome = world.start(9, traffic(Weights::all_to(&version("v1")))).await;
    assert!(matches!(outcome, Outcome::Failed { transient: true, .. }), "{outcome:?}");
    assert!(reason(&outcome).contains("no answer within"), "{outcome:?}");
}

#[tokio::test]
async fn the_way_back_does_not_wait_for_a_split_that_hangs() {
    let script = Script::baking().with("router.apply", Fault::Hang);
    let world = world(&script);
    let forward = Weights::split(&version("v2"), Share::percent(50), &version("v1"));
    let forward = tokio::spawn(world.start(8, traffic(forward)));
    while !script.memory().log.contains(&"router.apply".to_owned()) {
        tokio::task::yield_now().await;
    }
    script.memory().faults.clear();
    let back = world.start(9, traffic(Weights::all_to(&version("v1"))));
    let back = tokio::time::timeout(Duration::from_secs(5), back).await.unwrap();
    assert_eq!(back, Outcome::Done(ReadBack::Traffic(Weights::all_to(&version("v1")))));
    assert_eq!(forward.await.unwrap(), Outcome::Superseded);
}

#[tokio::test]
async fn an_older_generation_than_the_one_in_force_is_superseded() {
    let world = world(&Script::baking());
    let outcome = world.start(2, traffic(Weights::all_to(&version("v1")))).await;
    assert_eq!(outcome, Outcome::Superseded);
}

#[tokio::test]
async fn migrations_and_data_fail_for_good_and_name_who_must_act() {
    let world = world(&Script::baseline());
    let change = "flow".to_owned();
    for desired in [Desired::UndoMigration { change: change.clone() }, Desired::RestoreData { change }] {
        let outcome = world.start(9, desired).await;
        assert!(matches!(outcome, Outcome::Failed { transient: false, .. }), "{outcome:?}");
        assert!(reason(&outcome).contains("no database adapter"), "{outcome:?}");
        assert!(reason(&outcome).contains("maya must"), "{outcome:?}");
    }
}

#[tokio::test]
async fn flags_and_probes_believe_only_what_answers() {
    let script = Script::baseline();
    let world = world(&script);
    let off = Desired::Flag { place: Place::Production, flag: "submit".to_owned(), on: false };
    assert_eq!(world.start(9, off).await, Outcome::Done(ReadBack::Flag { on: false }));
    assert_eq!(script.memory().flags.get("submit"), Some(&false));
    let probe = |name: &str| Desired::Probe { place: Place::Production, version: version(name) };
    assert_eq!(world.start(10, probe("v1")).await, Outcome::Done(ReadBack::Nothing));
    assert!(reason(&world.start(11, probe("v2")).await).contains("no instance of v2"));
    let staging = Desired::Probe { place: Place::Staging, version: version("v1") };
    assert!(reason(&world.start(12, staging).await).contains("no staging environment"));
}

#[tokio::test]
async fn a_notice_is_done_at_once_though_nobody_answers() {
    let world = world(&Script::baseline().with("notifier.send", Fault::Hang));
    let notice = Notice {
        release: world.blueprint.release.clone(),
        kind: NoticeKind::RollingBack,
        text: "back".to_owned(),
    };
    let outcome = tokio::time::timeout(Duration::from_secs(5), world.start(9, Desired::Notice(notice))).await;
    assert_eq!(outcome.unwrap(), Outcome::Done(ReadBack::Nothing));
}

#[tokio::test]
async fn a_version_that_serves_users_is_not_taken_away_from_under_them() {
    let script = Script::baseline();
    let world = world(&script);
    {
        let mut memory = script.memory();
        memory.running = vec![version("v9")];
        memory.split = Some((Generation(3), Weights::all_to(&version("v9"))));
    }
    let running = vec![world.artifact("v1")];
    let outcome = world.start(9, Desired::Workload { place: Place::Production, running }).await;
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert_eq!(script.memory().running, [version("v1"), version("v9")]);
    // Once users have been moved, nothing keeps it.
    let moved = world.start(10, traffic(Weights::all_to(&version("v1")))).await;
    assert!(matches!(moved, Outcome::Done(_)), "{moved:?}");
    let running = vec![world.artifact("v1")];
    let outcome = world.start(11, Desired::Workload { place: Place::Production, running }).await;
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert_eq!(script.memory().running, [version("v1")]);
}

#[tokio::test]
async fn the_candidate_is_taken_away_even_when_the_router_still_names_it() {
    let script = Script::baking();
    let world = world(&script);
    let running = vec![world.artifact("v1")];
    let outcome = world.start(9, Desired::Workload { place: Place::Production, running }).await;
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert_eq!(script.memory().running, [version("v1")]);
}

#[tokio::test]
async fn a_last_good_that_died_is_started_before_traffic_returns_to_it() {
    let script = Script::baking();
    let world = world(&script);
    script.memory().running = vec![version("v2")];
    let outcome = world.start(9, traffic(Weights::all_to(&version("v1")))).await;
    assert_eq!(outcome, Outcome::Done(ReadBack::Traffic(Weights::all_to(&version("v1")))));
    assert!(script.memory().running.contains(&version("v1")));
}
