use std::{fs, path::Path, sync::Arc};

use ripcord_engine::{CheckResult, CheckStatus};
use ripcord_model::{ReleaseName, Timestamp, nouns::freeze::FreezeSpan, nouns::freeze::FreezeWindow};

use super::{AskGate, Gate, OnRecord, Question};
use crate::{
    blueprint_file,
    clock::ManualClock,
    systems::Connections,
    testing::{self, Fault, Script},
};

const NAMES: [&str; 12] = [
    "lint-clean",
    "thresholds",
    "one-release",
    "no-freeze",
    "on-call",
    "last-good",
    "probes",
    "signals",
    "way-back",
    "offline-way-back",
    "flag-keys",
    "rehearsal",
];

struct World {
    root: tempfile::TempDir,
    gate: Gate,
    question: Question,
}

fn world(script: &Script) -> World {
    let root = tempfile::tempdir().unwrap();
    let blueprint = testing::staged_blueprint(root.path());
    let state = root.path().join(".ripcord");
    blueprint_file::write(&state, &blueprint).unwrap();
    let gate = Gate {
        connections: Arc::new(Connections::new(script.systems())),
        plans: testing::staged_repository(root.path()),
        clock: Arc::new(ManualClock::at(Timestamp::from_ms(1_790_000_000_000))),
        state,
        rehearsals: testing::rehearsed(&blueprint, Timestamp::from_ms(1_789_000_000_000)),
    };
    let question = Question {
        blueprint: Arc::new(blueprint),
        others: Vec::new(),
        recorded: true,
        on_record: OnRecord::default(),
    };
    World { root, gate, question }
}

impl World {
    fn root(&self) -> &Path {
        self.root.path()
    }

    async fn ask(&self) -> Vec<CheckResult> {
        let answers = self.gate.ask(self.question.clone()).await;
        assert_eq!(answers.iter().map(|answer| answer.check.as_str()).collect::<Vec<_>>(), NAMES);
        answers
    }

    /// The one check that does not pass.
    async fn only_blocking(&self) -> CheckResult {
        let mut blocking: Vec<_> =
            self.ask().await.into_iter().filter(|answer| !answer.status.opens()).collect();
        assert_eq!(blocking.len(), 1, "{blocking:#?}");
        let blocking = blocking.remove(0);
        assert!(!blocking.fix.is_empty() && !blocking.owner.is_empty(), "{blocking:?}");
        blocking
    }
}

#[tokio::test(start_paused = true)]
async fn a_good_release_passes_every_check() {
    let world = world(&Script::baseline());
    for answer in world.ask().await {
        assert_eq!(answer.status, CheckStatus::Pass, "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_plan_is_named() {
    let world = world(&Script::baseline());
    let plan = world.root().join("releases/submit-v2.yaml");
    let text = fs::read_to_string(&plan).unwrap();
    fs::write(&plan, format!("{text}# changed\n")).unwrap();
    let answer = world.only_blocking().await;
    assert_eq!((answer.check.as_str(), answer.status), ("lint-clean", CheckStatus::Fail));
    assert!(answer.reason.contains("the files changed"), "{answer:?}");
    // A recorded blueprint never changes, so the way on is another release.
    assert!(
        answer.fix.contains("`ripcord cancel submit-v2 --why") && answer.fix.contains("new name"),
        "{answer:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn facts_of_the_plan_and_the_calendar_block() {
    let mut world = world(&Script::baseline());
    world.question.others = vec![ReleaseName::new("other").unwrap()];
    assert_eq!(world.only_blocking().await.check, "one-release");
    world.question.others.clear();

    // Changes in the blueprint also change its hash, so the files are not those of the blueprint any more: those
    // two checks answer as well, and are not what this test is about.
    let mut blueprint = (*world.question.blueprint).clone();
    blueprint.on_call = None;
    let (from, until) = (Timestamp::from_ms(0), Timestamp::from_ms(1_800_000_000_000));
    let span = FreezeSpan::Absolute { from, until };
    blueprint.production.freeze =
        vec![FreezeWindow { span, zone: "Europe/Berlin".to_owned(), reason: "exams week".to_owned() }];
    world.question.blueprint = Arc::new(blueprint);
    let answers = world.ask().await;
    let of = |name: &str| answers.iter().find(|answer| answer.check == name).unwrap();
    assert_eq!(of("on-call").status, CheckStatus::Fail);
    assert_eq!(of("no-freeze").status, CheckStatus::Fail);
    assert!(of("no-freeze").reason.contains("exams week"), "{:?}", of("no-freeze"));
}

#[tokio::test(start_paused = true)]
async fn silent_signals_fail_and_a_dead_source_is_unknown() {
    let silent = Script::baseline();
    silent.memory().silent = true;
    let answer = world(&silent).only_blocking().await;
    assert_eq!((answer.check.as_str(), answer.status), ("signals", CheckStatus::Fail));
    assert!(answer.reason.contains("no data on v1 for errors"), "{answer:?}");

    for fault in [Fault::Permanent, Fault::Hang, Fault::Panic] {
        let answer = world(&Script::baseline().with("metrics.read", fault.clone())).only_blocking().await;
        assert_eq!(
            (answer.check.as_str(), answer.status),
            ("signals", CheckStatus::Unknown),
            "{fault:?} {answer:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_against_a_past_that_nobody_knows_blocks() {
    let ask = async |script: &Script| {
        let mut world = world(script);
        let mut blueprint = (*world.question.blueprint).clone();
        blueprint.signals[0].rollback = vec!["worse than baseline by 20%".parse().unwrap()];
        world.question.blueprint = Arc::new(blueprint);
        world.ask().await.into_iter().find(|answer| answer.check == "signals").unwrap()
    };
    let script = Script::baseline();
    let answer = ask(&script).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert!(answer.reason.contains("what errors was before the release"), "{answer:?}");
    assert!(answer.fix.contains("compare with control instead"), "{answer:?}");

    script.memory().past = Some(vec![None]);
    let answer = ask(&script).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert!(
        answer.reason.ends_with("errors was on v1 before the release: it began a minute ago"),
        "{answer:?}"
    );

    script.memory().past = Some(vec![Some(0.009_123)]);
    let answer = ask(&script).await;
    assert_eq!(answer.status, CheckStatus::Pass, "{answer:?}");
    assert!(answer.reason.ends_with("errors was 0.912% over the 1 h before"), "{answer:?}");

    for fault in [Fault::Permanent, Fault::Hang, Fault::Panic] {
        let script = Script::baseline().with("metrics.past", fault.clone());
        assert_eq!(ask(&script).await.status, CheckStatus::Unknown, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_speaks_late_is_heard() {
    let world = world(&Script::baseline().with("metrics.read", Fault::Transient(3)));
    assert!(world.ask().await.iter().all(|answer| answer.status.opens()));
}

#[tokio::test(start_paused = true)]
async fn a_way_back_that_cannot_be_walked_blocks() {
    let answer = world(&Script::baseline().with("router.read_back", Fault::Hang)).only_blocking().await;
    assert_eq!((answer.check.as_str(), answer.status), ("way-back", CheckStatus::Unknown));

    let answer = world(&Script::baseline().with("flags.get", Fault::Permanent)).only_blocking().await;
    assert_eq!((answer.check.as_str(), answer.status), ("way-back", CheckStatus::Unknown));

    let untold = Script::baseline();
    untold.memory().split = None;
    let answer = world(&untold).only_blocking().await;
    assert_eq!((answer.check.as_str(), answer.status), ("way-back", CheckStatus::Fail));
}

#[tokio::test(start_paused = true)]
async fn a_last_good_that_does_not_run_is_said_so_and_probed_in_vain() {
    let cold = Script::baseline();
    cold.memory().running.clear();
    let answers = world(&cold).ask().await;
    let of = |name: &str| answers.iter().find(|answer| answer.check == name).unwrap();
    assert_eq!(of("last-good").status, CheckStatus::Fail);
    assert!(of("last-good").reason.contains("v1 does not run in production"), "{:?}", of("last-good"));
    assert_eq!(of("probes").status, CheckStatus::Fail);
}

#[tokio::test(start_paused = true)]
async fn probes_that_fail_on_last_good_block() {
    let answer = world(&Script::baseline().with("probe", Fault::Transient(u32::MAX))).only_blocking().await;
    assert_eq!((answer.check.as_str(), answer.status), ("probes", CheckStatus::Fail));
}

#[tokio::test(start_paused = true)]
async fn the_file_of_the_way_back_must_be_there_and_unchanged() {
    let missing = world(&Script::baseline());
    let path = blueprint_file::path(&missing.gate.state, &testing::release());
    let good = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(missing.only_blocking().await.check, "offline-way-back");

    fs::write(&path, good.replace("\"maya\"", "\"mallory\"")).unwrap();
    let answer = missing.only_blocking().await;
    assert!(answer.reason.contains("was changed"), "{answer:?}");

    let mut planned = missing;
    planned.question.recorded = false;
    assert!(planned.ask().await.iter().all(|answer| answer.status.opens()));
}
