//! workload/process with real processes.

use std::{net::TcpListener, path::Path, time::Duration};

use ripcord_adapters::{
    port::{AdapterError, Workload},
    workload,
};
use ripcord_engine::{Generation, Instance};
use ripcord_model::blueprint::{ProcessWorkload, WorkloadBinding};

use crate::{
    conformance::workload::{Rig, suite},
    support::{artifact, context, eventually, fixture, traffic::Connection},
};

pub fn binding(command: String) -> ProcessWorkload {
    ProcessWorkload {
        command,
        ready: "/healthz/ready".into(),
        ready_within: ripcord_model::Duration::from_secs(20),
        grace: ripcord_model::Duration::from_secs(2),
        instances: 1,
        environment: vec![],
    }
}

pub fn connect(directory: &Path, binding: ProcessWorkload) -> Box<dyn Workload> {
    workload::connect(&WorkloadBinding::Process(binding), &context(directory))
}

fn log(directory: &Path, version: &str) -> String {
    std::fs::read_to_string(directory.join(format!(".ripcord/workload-production/{version}.log")))
        .unwrap_or_default()
}

#[tokio::test]
async fn processes_do_what_every_workload_must() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_owned();
    let connect = move || connect(&path, binding(fixture::service_command("ok")));
    suite(&Rig { connect: Box::new(connect) }).await;
    assert!(log(directory.path(), "v2").contains("v2 serves on"), "its output is kept");
}

#[tokio::test]
async fn a_service_that_ends_at_once_is_permanent_with_its_last_words() {
    let directory = tempfile::tempdir().unwrap();
    let command = "echo 'no database configured' >&2; exit 7";
    let workload = connect(directory.path(), binding(command.into()));
    let error = workload.ensure(Generation(1), &[artifact("v2")]).await.unwrap_err();
    let AdapterError::Permanent(text) = &error else { panic!("{error:?}") };
    assert!(text.contains("no database configured") && text.contains("exit status: 7"), "{text}");
    assert_eq!(workload.read_back().await.unwrap(), []);
}

#[tokio::test]
async fn a_service_that_never_becomes_ready_is_stopped_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut binding = binding(fixture::service_command("unready"));
    // Long enough that it listens and answers by then, also on a machine that is busy.
    binding.ready_within = ripcord_model::Duration::from_secs(8);
    let workload = connect(directory.path(), binding);
    let error = workload.ensure(Generation(1), &[artifact("v2")]).await.unwrap_err();
    assert!(
        matches!(&error, AdapterError::Transient(text) if text.contains("status 503") && text.contains("8 s")),
        "{error}"
    );
    assert_eq!(workload.read_back().await.unwrap(), []);
    let said = log(directory.path(), "v2");
    let port: u16 =
        said.trim().rsplit(' ').next().and_then(|port| port.parse().ok()).expect("it said its port");
    assert!(TcpListener::bind(("127.0.0.1", port)).is_ok(), "it still listens on {port}");
}

#[tokio::test]
async fn a_taken_port_is_exchanged_for_another() {
    let directory = tempfile::tempdir().unwrap();
    // The first start finds its port taken by somebody who was faster.
    let service = fixture::service_command("ok");
    let command = format!(
        "if mkdir first 2>/dev/null; then echo 'bind: Address already in use' >&2; exit 1; fi; {service}"
    );
    let workload = connect(directory.path(), binding(command));
    let instances = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap();
    assert_eq!(instances.len(), 1);
    workload.ensure(Generation(2), &[]).await.unwrap();
}

#[tokio::test]
async fn ports_that_are_always_taken_end_the_attempt() {
    let directory = tempfile::tempdir().unwrap();
    let workload = connect(directory.path(), binding("echo 'Address already in use' >&2; exit 1".into()));
    let error = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap_err();
    assert!(
        matches!(&error, AdapterError::Transient(text) if text.contains("taken by another program")),
        "{error}"
    );
}

#[tokio::test]
async fn the_dead_are_not_listed_and_are_started_again() {
    let directory = tempfile::tempdir().unwrap();
    let workload = connect(directory.path(), binding(fixture::service_command("ok")));
    let first = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap();
    kill(directory.path());
    eventually("it is dead", || Connection::open(first[0].address).is_err()).await;
    assert_eq!(workload.read_back().await.unwrap(), []);
    let second = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap();
    assert_eq!(versions(&second), ["v1"]);
    assert_eq!(Connection::open(second[0].address).unwrap().ask("/").unwrap(), "v1");
    workload.ensure(Generation(2), &[]).await.unwrap();
}

#[tokio::test]
async fn what_ignores_the_request_to_stop_is_killed_with_its_children() {
    let directory = tempfile::tempdir().unwrap();
    let service = fixture::service_command("ok").replacen("exec ", "", 1);
    let mut binding = binding(format!("trap '' TERM; sleep 300 & {service}"));
    binding.grace = ripcord_model::Duration::from_ms(300);
    let workload = connect(directory.path(), binding);
    let instances = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap();
    let group = pid(directory.path());
    assert_eq!(workload.ensure(Generation(2), &[]).await.unwrap(), []);
    assert!(Connection::open(instances[0].address).is_err());
    assert_eq!(members(group), Vec::<String>::new(), "a child was left behind");
}

#[tokio::test]
async fn several_instances_run_and_a_missing_one_is_added() {
    let directory = tempfile::tempdir().unwrap();
    let mut binding = binding(fixture::service_command("ok"));
    binding.instances = 2;
    let workload = connect(directory.path(), binding);
    let two = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap();
    assert_eq!(versions(&two), ["v1", "v1"]);
    kill(directory.path());
    eventually("one is dead", || two.iter().any(|instance| Connection::open(instance.address).is_err()))
        .await;
    let again = workload.ensure(Generation(2), &[artifact("v1")]).await.unwrap();
    assert_eq!(again.len(), 2);
    assert_eq!(
        two.iter().filter(|instance| again.contains(instance)).count(),
        1,
        "the living one was left alone"
    );
    workload.ensure(Generation(3), &[]).await.unwrap();
}

#[tokio::test]
async fn a_newer_intent_does_not_wait_for_an_older_one_to_become_ready() {
    let directory = tempfile::tempdir().unwrap();
    // Two adapters, as of two releases, or of a server and of the offline way back.
    let mut patient = binding(fixture::service_command("unready"));
    // Whoever waits for the older one waits far longer than this test.
    patient.ready_within = ripcord_model::Duration::from_mins(60);
    let connect = || connect(directory.path(), patient.clone());
    let (older, workload) = (connect(), connect());
    let older = tokio::spawn(async move { older.ensure(Generation(1), &[artifact("v2")]).await });
    eventually("v2 has been started", || log(directory.path(), "v2").contains("serves")).await;
    let newer = tokio::time::timeout(Duration::from_secs(120), workload.ensure(Generation(2), &[])).await;
    assert_eq!(newer.expect("it waited for the older one").unwrap(), []);
    let older = tokio::time::timeout(Duration::from_secs(120), older).await;
    let older = older.expect("the older one goes on waiting").unwrap();
    assert_eq!(older, Err(AdapterError::Superseded { asked: Generation(1), in_force: Generation(2) }));
}

#[tokio::test]
async fn an_artifact_that_a_shell_could_interpret_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let workload = connect(directory.path(), binding("run {artifact} {port}".into()));
    let mut hostile = artifact("v1");
    hostile.artifact = Some("x; touch pwned".into());
    let error = workload.ensure(Generation(1), &[hostile]).await.unwrap_err();
    assert!(matches!(error, AdapterError::Permanent(_)), "{error}");
    assert!(!directory.path().join("pwned").exists());
}

#[tokio::test]
async fn a_state_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(".ripcord"), "a file in the way").unwrap();
    let workload = connect(directory.path(), binding("true".into()));
    let error = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap_err();
    assert!(matches!(&error, AdapterError::Permanent(text) if text.contains(".ripcord")), "{error}");
}

fn versions(instances: &[Instance]) -> Vec<&str> {
    instances.iter().map(|instance| instance.version.as_str()).collect()
}

/// The first recorded process.
fn pid(directory: &Path) -> i32 {
    let text = std::fs::read(directory.join(".ripcord/workload-production/instances.json")).unwrap();
    let records: serde_json::Value = serde_json::from_slice(&text).unwrap();
    i32::try_from(records["instances"][0]["process"]["pid"].as_i64().unwrap()).unwrap()
}

/// Kills the first recorded process, as a crash would.
fn kill(directory: &Path) {
    let pid = rustix::process::Pid::from_raw(pid(directory)).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// The processes of a group that still run.
fn members(group: i32) -> Vec<String> {
    let stats = std::fs::read_dir("/proc").unwrap().flatten();
    let stats = stats.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    let member = |line: &String| {
        let fields: Vec<&str> = line.rsplit_once(')').unwrap().1.split_whitespace().collect();
        fields[2] == group.to_string() && fields[0] != "Z"
    };
    stats.filter(member).collect()
}
