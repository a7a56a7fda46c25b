//! Starts one process and waits until it is ready.

use std::{ffi::OsStr, path::Path, time::Duration};

use ripcord_model::blueprint::{Artifact, ProcessWorkload};
use tokio::{process::Child, time::Instant};

use super::records::{Process, Record, TOKEN_VARIABLE};
use crate::{
    http,
    port::AdapterError,
    process_table,
    shell::{self, detached},
    workload::ports,
};

const POLL: Duration = Duration::from_millis(50);
/// Time between two lines of progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);
/// How long one question for readiness may take.
const QUESTION: Duration = Duration::from_secs(1);

/// How waiting for readiness ended.
pub(super) enum Readiness {
    /// It answers.
    Ready,
    /// Somebody else took its port; another port may do.
    PortTaken(String),
    /// It will not become ready.
    Failed(AdapterError),
    /// A newer generation was asked for meanwhile.
    Unwanted(AdapterError),
}

/// A process that has been started by this control plane, as far as it still knows.
pub(super) struct Started {
    pub child: Child,
    pub log_from: u64,
}

/// The record of a process about to be started.
pub(super) fn record(
    binding: &ProcessWorkload,
    artifact: &Artifact,
    port: u16,
) -> Result<Record, AdapterError> {
    let version = artifact.version.as_str();
    let command = shell::fill(
        &binding.command,
        &[
            ("port", port.to_string().as_str()),
            ("version", version),
            ("artifact", artifact.artifact.as_deref().unwrap_or_default()),
        ],
    )?;
    // The process id of this control plane and its count of records make the token unique within a boot.
    let token = format!("{version}-{port}-{}-{}", std::process::id(), next_number());
    Ok(Record {
        token,
        version: artifact.version.clone(),
        artifact: artifact.artifact.clone(),
        port,
        command,
        process: None,
        ready: false,
    })
}

fn next_number() -> u64 {
    static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Starts the process of `record` and notes which one it is.
pub(super) fn spawn(
    record: &mut Record,
    binding: &ProcessWorkload,
    root: &Path,
    log: &Path,
) -> Result<Started, AdapterError> {
    let log_from = detached::log_length(log);
    let mut environment = shell::environment(&binding.environment);
    environment.insert(TOKEN_VARIABLE.to_owned(), record.token.clone().into());
    let line = vec![OsStr::new("sh"), OsStr::new("-c"), OsStr::new(&record.command)];
    let program = detached::Program { line, directory: root, environment, log };
    let child = program.start().map_err(|error| {
        AdapterError::Permanent(format!(
            "`{}` could not be started in {}: {error}",
            record.command,
            root.display()
        ))
    })?;
    // Not yet waited for, so its id cannot belong to anybody else.
    let pid = child.id().and_then(|id| i32::try_from(id).ok());
    record.process =
        pid.and_then(process_table::stat).map(|stat| Process { pid: stat.pid, started: stat.started });
    Ok(Started { child, log_from })
}

/// Asks until `record` answers, ends, or has no time left.
pub(super) async fn wait(
    record: &Record,
    started: Option<&mut Started>,
    binding: &ProcessWorkload,
    log: &Path,
    still_wanted: impl Fn() -> Result<(), AdapterError>,
) -> Readiness {
    let url = format!("http://{}/{}", record.address(), binding.ready.trim_start_matches('/'));
    let client = match http::client(&url, QUESTION, false) {
        Ok(client) => client,
        Err(error) => return Readiness::Failed(error),
    };
    let log_from = started.as_ref().map_or(0, |started| started.log_from);
    let said = || shell::mask(&detached::log_tail(log, log_from), &binding.environment);
    let (began, mut reported) = (Instant::now(), Instant::now());
    loop {
        if let Err(superseded) = still_wanted() {
            return Readiness::Unwanted(superseded);
        }
        if !record.runs() {
            return ended(record, started, &said());
        }
        let last = match client.get(&url).send().await {
            Ok(answer) if answer.status().as_u16() == 200 && record.runs() => return Readiness::Ready,
            Ok(answer) => format!("status {}", answer.status().as_u16()),
            Err(error) => http::chain(&error.without_url()),
        };
        if record.runs() && began.elapsed() >= binding.ready_within.to_std() {
            return Readiness::Failed(AdapterError::Transient(format!(
                "{} was not ready within {}: {url} answered last with: {last}; its output ends with: {}",
                record.version,
                binding.ready_within.human(),
                said()
            )));
        }
        if reported.elapsed() >= PROGRESS_EVERY {
            reported = Instant::now();
            tracing::info!(version = %record.version, port = record.port, last, "waiting for readiness");
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Why a process ended before it was ready.
fn ended(record: &Record, started: Option<&mut Started>, tail: &str) -> Readiness {
    let status = started.and_then(|started| started.child.try_wait().ok().flatten());
    let status = status.map_or_else(String::new, |status| format!(" with {status}"));
    let lower = tail.to_lowercase();
    if lower.contains("address already in use") || lower.contains("eaddrinuse") || ports::taken(record.port) {
        return Readiness::PortTaken(format!("port {} was taken by another program: {tail}", record.port));
    }
    Readiness::Failed(AdapterError::Permanent(format!(
        "{} ended{status} before it was ready; it was started by `{}`, must stay in the foreground, and printed: {tail}",
        record.version, record.command
    )))
}
