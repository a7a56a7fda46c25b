//! What only the inside can show: a port that is really taken, a crash between the record and the start.

use std::{net::TcpListener, sync::OnceLock};

use ripcord_engine::Generation;
use ripcord_model::blueprint::{Artifact, ProcessWorkload};

use super::{Processes, records, start};
use crate::{
    Context,
    port::{AdapterError, Workload as _},
    workload::ports,
};

fn processes(directory: &std::path::Path, command: &str) -> Processes {
    let binding = ProcessWorkload {
        command: command.into(),
        ready: "/".into(),
        ready_within: ripcord_model::Duration::from_ms(500),
        grace: ripcord_model::Duration::from_ms(500),
        instances: 1,
        environment: vec![],
    };
    let context = Context {
        root: directory.to_owned(),
        state: directory.join(".ripcord"),
        environment: "staging".parse().unwrap(),
        ripcord_program: "ripcord".into(),
    };
    Processes::new(&binding, &context)
}

fn v1() -> Artifact {
    Artifact { version: "v1".parse().unwrap(), artifact: None, digest: None }
}

/// Always the same port, and somebody listens on it.
fn taken() -> Result<u16, AdapterError> {
    static LISTENER: OnceLock<TcpListener> = OnceLock::new();
    let listener = LISTENER.get_or_init(|| TcpListener::bind("127.0.0.1:0").unwrap());
    Ok(listener.local_addr().unwrap().port())
}

#[tokio::test]
async fn a_port_that_is_really_taken_is_recognised_whatever_the_service_prints() {
    let directory = tempfile::tempdir().unwrap();
    let mut processes = processes(directory.path(), "echo cannot bind {port}; exit 1");
    processes.ports = taken;
    let error = processes.ensure(Generation(1), &[v1()]).await.unwrap_err();
    assert!(
        matches!(&error, AdapterError::Transient(text) if text.contains("was taken by another program")),
        "{error}"
    );
    assert!(directory.path().join(".ripcord/workload-staging/v1.log").exists());
}

#[tokio::test]
async fn a_process_whose_start_was_never_noted_is_found_by_its_token_and_taken_off() {
    let directory = tempfile::tempdir().unwrap();
    let processes = processes(directory.path(), "sleep 300");
    let lock = processes.turn.lock().await.unwrap();
    let mut records = processes.shelf.read().unwrap();
    let mut record = start::record(&processes.binding, &v1(), ports::free().unwrap()).unwrap();
    records.instances.push(record.clone());
    processes.shelf.write(&records).unwrap();
    // The crash: the process starts, and nobody lives to write down which one it is.
    let log = processes.shelf.log(&record.version);
    let _started = start::spawn(&mut record, &processes.binding, directory.path(), &log).unwrap();
    assert!(record.runs());
    drop(lock);

    assert_eq!(processes.ensure(Generation(2), &[]).await.unwrap(), []);
    assert!(!record.runs(), "the process of the crash still runs");
    assert_eq!(processes.shelf.read().unwrap().instances, Vec::<records::Record>::new());
}

#[tokio::test]
async fn damaged_records_are_an_error_and_not_an_empty_list() {
    let directory = tempfile::tempdir().unwrap();
    let processes = processes(directory.path(), "sleep 300");
    drop(processes.turn.lock().await.unwrap());
    std::fs::write(directory.path().join(".ripcord/workload-staging/instances.json"), "{\"format\":1,")
        .unwrap();
    let error = processes.read_back().await.unwrap_err();
    assert!(matches!(&error, AdapterError::Permanent(text) if text.contains("damaged")), "{error}");
}
