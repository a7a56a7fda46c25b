use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, sync::Arc};

use ripcord_conductor::Conductor;
use ripcord_engine::{PhaseName, Weights};
use ripcord_model::{Actor, Person, Timestamp};
use ripcord_store::MemoryStore;
use serde_json::Value;

use super::{
    absorb::absorb_all,
    journal,
    report::{Ending, Progress, Report, Request},
    rollback::execute,
};
use crate::{
    blueprint_file,
    clock::SteadyClock,
    failure::{Failure, FailureKind},
    testing::{self, Fault, Script, version},
};

struct World {
    root: tempfile::TempDir,
    request: Request,
}

fn world() -> World {
    let root = tempfile::tempdir().unwrap();
    let state = root.path().join(".ripcord");
    blueprint_file::write(&state, &testing::blueprint(root.path())).unwrap();
    let request = Request {
        state,
        root: root.path().to_owned(),
        ripcord_program: PathBuf::from("ripcord"),
        release: testing::release(),
        by: Actor::person(Person::new("ran").unwrap()),
        why: "errors everywhere".to_owned(),
        force: false,
    };
    World { root, request }
}

impl World {
    async fn run(&self, script: &Script) -> Result<(Report, Vec<Progress>), Failure> {
        let mut seen = Vec::new();
        let clock = Arc::new(SteadyClock::start());
        let report =
            execute(self.request.clone(), script.systems(), clock, &mut |progress| seen.push(progress))
                .await?;
        Ok((report, seen))
    }

    fn journal(&self) -> Vec<Value> {
        journal::read(&journal::path(&self.request.state, &self.request.release)).unwrap()
    }
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line.get("event").and_then(Value::as_str)).collect()
}

#[tokio::test]
async fn the_way_back_is_walked_without_server_and_store_and_can_be_repeated() {
    let (world, script) = (world(), Script::baking());
    let (report, seen) = world.run(&script).await.unwrap();
    assert_eq!(report.ending, Ending::RolledBack);
    assert!(matches!(seen.first(), Some(Progress::Began { .. })));
    {
        let memory = script.memory();
        assert_eq!(memory.running, [version("v1")]);
        assert_eq!(memory.flags.get("submit"), Some(&false));
        let (generation, weights) = memory.split.clone().unwrap();
        assert_eq!(weights, Weights::all_to(&version("v1")));
        assert!(generation.0 > 7, "{generation} must be above what was in force");
    }
    let lines = world.journal();
    assert_eq!(events(&lines).first(), Some(&"began"));
    assert_eq!(events(&lines).last(), Some(&"ended"));
    assert_eq!(lines.last().unwrap()["outcome"], "rolled-back");
    let path = journal::path(&world.request.state, &world.request.release);
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);

    let (again, _) = world.run(&script).await.unwrap();
    assert_eq!(again.ending, Ending::RolledBack);
    assert_eq!(events(&world.journal()).iter().filter(|event| **event == "began").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_a_moment_is_tried_again() {
    let (world, script) = (world(), Script::baking().with("router.apply", Fault::Transient(3)));
    let (report, seen) = world.run(&script).await.unwrap();
    assert_eq!(report.ending, Ending::RolledBack);
    assert_eq!(seen.iter().filter(|progress| matches!(progress, Progress::Again { .. })).count(), 3);
    assert_eq!(events(&world.journal()).iter().filter(|event| **event == "step-tried").count(), 3);
}

#[tokio::test]
async fn a_newer_generation_in_force_is_heard_and_passed() {
    let (world, script) = (world(), Script::baking());
    script.memory().workload_generation = ripcord_engine::Generation(500);
    let (report, _) = world.run(&script).await.unwrap();
    assert_eq!(report.ending, Ending::RolledBack);
    assert!(script.memory().workload_generation.0 > 500);
}

#[tokio::test]
async fn a_cold_last_good_is_started_before_traffic_returns_to_it() {
    let (world, script) = (world(), Script::baking());
    script.memory().running = vec![version("v2")];
    let (report, _) = world.run(&script).await.unwrap();
    assert_eq!(report.ending, Ending::RolledBack);
    assert_eq!(script.memory().running, [version("v1")]);
}

#[tokio::test]
async fn a_step_that_cannot_be_done_leaves_it_stuck_and_says_what_is_safe() {
    let (world, script) = (world(), Script::baking().with("workload.ensure", Fault::Permanent));
    let (report, _) = world.run(&script).await.unwrap();
    let Ending::Stuck { step, reason, bleeding_stopped } = report.ending else { panic!("{report:?}") };
    assert_eq!(step, "withdraw");
    assert!(reason.contains("workload.ensure is broken"), "{reason}");
    assert!(bleeding_stopped);
    assert_eq!(world.journal().last().unwrap()["outcome"], "stuck");
}

#[tokio::test]
async fn a_flag_that_cannot_be_switched_does_not_keep_traffic_on_the_candidate() {
    let (world, script) = (world(), Script::baking().with("flags.set", Fault::Permanent));
    let (report, _) = world.run(&script).await.unwrap();
    let Ending::Stuck { step, bleeding_stopped, .. } = report.ending else { panic!("{report:?}") };
    assert_eq!(step, "flag-submit");
    assert!(!bleeding_stopped, "the flag is still on");
    let split = script.memory().split.clone().map(|(_, weights)| weights);
    assert_eq!(split, Some(ripcord_engine::Weights::all_to(&version("v1"))));
    assert!(script.memory().running.contains(&version("v2")), "nothing after the bleeding steps is touched");
}

#[tokio::test]
async fn a_changed_file_is_not_executed() {
    let (world, script) = (world(), Script::baking());
    let path = blueprint_file::path(&world.request.state, &world.request.release);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("flagctl", "evilctl")).unwrap();
    let failure = world.run(&script).await.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Refused, "blueprint-file-untrusted"));
    assert!(script.memory().log.is_empty());
}

#[tokio::test]
async fn beside_a_server_that_answers_it_is_refused_unless_forced() {
    let (mut world, script) = (world(), Script::baking());
    let socket = world.request.state.join(crate::lifecycle::SOCKET);
    let _server = std::os::unix::net::UnixListener::bind(socket).unwrap();
    assert_eq!(world.run(&script).await.unwrap_err().code, "server-answers");
    world.request.force = true;
    assert_eq!(world.run(&script).await.unwrap().0.ending, Ending::RolledBack);
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_does_not_stop_the_way_back() {
    let (world, script) = (world(), Script::baking());
    // A file where the directory should be.
    fs::write(world.request.state.join("offline"), b"").unwrap();
    let (report, _) = world.run(&script).await.unwrap();
    assert_eq!(report.ending, Ending::RolledBack);
    assert!(report.troubles.iter().any(|trouble| trouble.contains("could not be written")), "{report:?}");
}

#[tokio::test]
async fn the_record_catches_up_and_the_journal_is_archived() {
    let (world, script) = (world(), Script::baking());
    let now = Timestamp::from_ms(1_790_000_000_000);
    let mut conductor = Conductor::open(MemoryStore::new()).unwrap();
    conductor.create(testing::blueprint(world.root.path()), Actor::ripcord(), now).unwrap();
    world.run(&script).await.unwrap();
    let absorbed = absorb_all(&mut conductor, &world.request.state, now).unwrap();
    assert!(absorbed.troubles.is_empty(), "{:?}", absorbed.troubles);
    let status = conductor.status(&testing::release(), now).unwrap();
    assert_eq!(status.phase, PhaseName::RolledBack);
    assert!(!journal::path(&world.request.state, &testing::release()).exists());
    let archived = journal::directory(&world.request.state).join("absorbed/submit-v2-1.jsonl");
    assert!(archived.exists());
    assert!(absorb_all(&mut conductor, &world.request.state, now).unwrap().troubles.is_empty());
}

#[test]
fn a_line_cut_off_by_a_crash_is_left_out_and_nothing_else_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.jsonl");
    fs::write(&path, "{\"event\":\"began\"}\nnot json\n{\"event\":\"st").unwrap();
    let lines = journal::read(&path).unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1], Value::from("not json"));
}
