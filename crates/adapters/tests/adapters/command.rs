//! workload/command with commands that start real processes.

use std::path::Path;

use ripcord_adapters::{
    port::{AdapterError, Workload},
    workload,
};
use ripcord_engine::Generation;
use ripcord_model::blueprint::{CommandWorkload, WorkloadBinding};

use crate::{
    conformance::workload::{Rig, suite},
    support::{artifact, context, fixture},
};

fn connect(directory: &Path, binding: CommandWorkload) -> Box<dyn Workload> {
    workload::connect(&WorkloadBinding::Command(binding), &context(directory))
}

fn binding(start: &str, stop: &str, endpoints: &str) -> CommandWorkload {
    CommandWorkload {
        start: start.into(),
        stop: stop.into(),
        endpoints: endpoints.into(),
        digests: None,
        timeout: ripcord_model::Duration::from_secs(10),
        environment: vec![],
    }
}

/// A tiny scheduler: a process id per version, an endpoint once it listens.
fn scheduler() -> CommandWorkload {
    let service = fixture::service_command("ok");
    let start = format!(
        "echo {{port}} > {{version}}.port; ( {service} ) > {{version}}.log 2>&1 & echo $! > {{version}}.pid"
    );
    let stop = "kill $(cat {version}.pid) 2>/dev/null; rm -f {version}.pid; true";
    let endpoints =
        "test -f {version}.pid && grep -q serves {version}.log && echo 127.0.0.1:$(cat {version}.port); true";
    binding(&start, stop, endpoints)
}

#[tokio::test]
async fn commands_do_what_every_workload_must() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_owned();
    suite(&Rig { connect: Box::new(move || connect(&path, scheduler())) }).await;
}

#[tokio::test]
async fn a_failing_start_says_what_the_command_said() {
    let directory = tempfile::tempdir().unwrap();
    let workload = connect(directory.path(), binding("echo 'quota exceeded' >&2; exit 3", "true", "true"));
    let error = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap_err();
    assert!(
        matches!(&error, AdapterError::Transient(text) if text.contains("status 3: quota exceeded")),
        "{error}"
    );
    let missing = connect(directory.path(), binding("no-such-scheduler up", "true", "true"));
    let error = missing.ensure(Generation(2), &[artifact("v1")]).await.unwrap_err();
    assert!(matches!(&error, AdapterError::Permanent(text) if text.contains("no-such-scheduler")), "{error}");
}

#[tokio::test]
async fn a_version_that_never_appears_or_never_goes_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let mut never = binding("true", "true", "test -f up && echo 127.0.0.1:1; true");
    never.timeout = ripcord_model::Duration::from_ms(300);
    let workload = connect(directory.path(), never);
    let error = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap_err();
    assert!(matches!(&error, AdapterError::Transient(text) if text.contains("v1 did not start")), "{error}");
    std::fs::write(directory.path().join("up"), "").unwrap();
    assert_eq!(workload.ensure(Generation(2), &[artifact("v1")]).await.unwrap().len(), 1);
    let error = workload.ensure(Generation(3), &[]).await.unwrap_err();
    assert!(matches!(&error, AdapterError::Transient(text) if text.contains("v1 did not stop")), "{error}");
}

#[tokio::test]
async fn endpoints_that_are_none_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    for (garbage, said) in [("echo hello world", "host:port"), ("echo 127.0.0.1:99999", "host:port")] {
        let workload = connect(directory.path(), binding("true", "true", garbage));
        let error = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap_err();
        assert!(matches!(&error, AdapterError::Permanent(text) if text.contains(said)), "{error}");
    }
    let workload = connect(directory.path(), binding("true", "true", "seq 5000 | sed s/^/h:/"));
    let error = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap_err();
    assert!(error.to_string().contains("at most 1000"), "{error}");
}

#[tokio::test]
async fn a_digest_that_is_not_known_is_not_made_up() {
    let directory = tempfile::tempdir().unwrap();
    let workload = connect(directory.path(), binding("run {digest}", "true", "true"));
    let error = workload.ensure(Generation(1), &[artifact("v1")]).await.unwrap_err();
    assert!(matches!(&error, AdapterError::Permanent(text) if text.contains("digest")), "{error}");
}
