//! Starts the edge as a process of its own, and finds it again.

use std::{ffi::OsStr, net::SocketAddr, path::PathBuf, time::Duration};

use ripcord_model::blueprint::{EdgeRouter, Sticky};
use serde::Deserialize;
use tokio::time::Instant;

use super::admin::Admin;
use crate::{
    Context,
    port::AdapterError,
    process_table,
    shell::{self, detached},
    state_file,
};

/// How long a new edge may take until it answers.
const READY_WITHIN: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

/// `edge.json`, written by the edge when it listens.
#[derive(Debug, Deserialize)]
struct Whereabouts {
    pid: i32,
    admin: SocketAddr,
    listen: SocketAddr,
}

/// Starts and finds one edge.
pub(super) struct Launcher {
    binding: EdgeRouter,
    program: PathBuf,
    root: PathBuf,
    state: PathBuf,
}

impl Launcher {
    pub(super) fn new(binding: &EdgeRouter, context: &Context) -> Self {
        Self {
            binding: binding.clone(),
            program: context.ripcord_program.clone(),
            root: context.root.clone(),
            state: context.edge_state(),
        }
    }

    fn whereabouts(&self) -> Result<Option<Whereabouts>, AdapterError> {
        state_file::read(&self.state.join("edge.json"))
    }

    /// Whether an edge of this environment has ever listened.
    pub(super) fn was_started(&self) -> Result<bool, AdapterError> {
        Ok(self.whereabouts()?.is_some())
    }

    /// The running edge, whoever started it; `None` when none runs. A process that merely has the recorded id is not
    /// ours: ours holds the lock of the state directory and answers at the recorded address.
    pub(super) async fn find(&self) -> Result<Option<Admin>, AdapterError> {
        let Some(found) = self.whereabouts()? else { return Ok(None) };
        if !self.is_ours(found.pid) {
            return Ok(None);
        }
        let port_chosen = self.binding.listen.port() != 0;
        if port_chosen && found.listen != self.binding.listen {
            return Err(AdapterError::Permanent(format!(
                "the edge of this environment (process {}) listens on {}, and the blueprint says {}; \
                 stop it with `kill {}` and try again",
                found.pid, found.listen, self.binding.listen, found.pid
            )));
        }
        let admin = Admin::new(found.admin)?;
        admin.get().await?;
        Ok(Some(admin))
    }

    fn is_ours(&self, pid: i32) -> bool {
        process_table::stat(pid).is_some_and(|stat| !stat.zombie)
            && process_table::holds_lock(pid, &self.state.join("edge.lock"))
    }

    /// The running edge, started when none runs.
    pub(super) async fn ensure(&self) -> Result<Admin, AdapterError> {
        if let Some(admin) = self.find().await? {
            return Ok(admin);
        }
        self.start().await
    }

    async fn start(&self) -> Result<Admin, AdapterError> {
        state_file::make_directory(&self.state)?;
        if !self.program.is_file() {
            let program = self.program.display();
            return Err(AdapterError::Permanent(format!(
                "the edge is the ripcord program, and {program} is none"
            )));
        }
        let log = self.state.join("edge.log");
        let _ = detached::bound_log(&log);
        let log_from = detached::log_length(&log);
        let arguments = self.arguments();
        let line =
            std::iter::once(self.program.as_os_str()).chain(arguments.iter().map(OsStr::new)).collect();
        let program = detached::Program {
            line,
            directory: &self.root,
            environment: shell::environment(&[]),
            log: &log,
        };
        let failed = |error| AdapterError::Permanent(format!("the edge could not be started: {error}"));
        let mut child = program.start().map_err(failed)?;
        tracing::info!(listen = %self.binding.listen, "starting the edge");
        let began = Instant::now();
        loop {
            if let Ok(Some(admin)) = self.find().await {
                return Ok(admin);
            }
            let ended = child.try_wait().ok().flatten();
            if ended.is_some() || began.elapsed() >= READY_WITHIN {
                return Err(self.not_started(ended.is_some(), &detached::log_tail(&log, log_from)));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn not_started(&self, ended: bool, tail: &str) -> AdapterError {
        let listen = self.binding.listen;
        if tail.to_lowercase().contains("address already in use") {
            return AdapterError::Permanent(format!(
                "the edge could not listen: {listen} is taken by another program; stop that or change `listen`: {tail}"
            ));
        }
        if ended {
            return AdapterError::Permanent(format!("the edge ended at once: {tail}"));
        }
        let time = shell::human(READY_WITHIN);
        AdapterError::Transient(format!("the edge did not answer within {time} after its start: {tail}"))
    }

    fn arguments(&self) -> Vec<std::ffi::OsString> {
        let mut arguments: Vec<std::ffi::OsString> =
            vec!["edge".into(), "--listen".into(), self.binding.listen.to_string().into()];
        if let Some(admin) = self.binding.admin {
            arguments.extend(["--admin".into(), admin.to_string().into()]);
        }
        let sticky = match &self.binding.sticky {
            Sticky::None => "none".to_owned(),
            Sticky::Cookie(name) => format!("cookie:{name}"),
            Sticky::Header(name) => format!("header:{name}"),
            Sticky::Address => "address".to_owned(),
        };
        arguments.extend(["--state".into(), self.state.clone().into(), "--sticky".into(), sticky.into()]);
        arguments.extend(["--drain".into(), self.binding.drain.to_string().into()]);
        arguments
    }
}
