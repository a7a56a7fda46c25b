//! The ground the demo stands on: a directory with the service's files, and last good running behind the edge.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use ripcord_adapters::{Context as AdapterContext, port::AdapterError, router, workload};
use ripcord_edge::EdgeFile;
use ripcord_engine::{Event, Generation, Weights};
use ripcord_ledger::Entry;
use ripcord_model::{
    VersionName,
    blueprint::{Artifact, Environment},
};
use ripcord_store::Filter;

use super::{control_plane::Place, files, stop::stop};
use crate::{failure::CommandError, record, render::ledger::fact, surroundings};

/// A prepared directory.
pub struct Ground {
    /// The service's root.
    pub root: PathBuf,
    /// Where users connect.
    pub listen: SocketAddr,
    /// Where the control plane has its pages.
    pages: SocketAddr,
    program: PathBuf,
    environments: Vec<Environment>,
    /// Removes the directory when it is dropped; absent when it is to be kept.
    _temporary: Option<tempfile::TempDir>,
}

impl Ground {
    /// Writes the files into a new temporary directory, or into `keep`, which must be empty or new.
    pub fn prepare(keep: Option<&Path>) -> Result<Self, CommandError> {
        let (root, temporary) = directory(keep)?;
        let (listen, staging, pages) = (free_port()?, free_port()?, free_port()?);
        let program = surroundings::own_program()?;
        let write = |name: &str, text: String| {
            fs::write(root.join(name), text).map_err(|error| unwritable(&root, error))
        };
        fs::create_dir_all(root.join("releases")).map_err(|error| unwritable(&root, error))?;
        write("ripcord.yaml", files::service(&program, listen, staging))?;
        write(&format!("releases/{}.yaml", files::GOOD), files::plan(files::GOOD, "v2", Some("v1")))?;
        write(&format!("releases/{}.yaml", files::BAD), files::plan(files::BAD, "v3", None))?;
        let service = crate::files::service(&root)?;
        let environments = service.environments.into_values().map(|environment| environment.value).collect();
        Ok(Self { root, listen, pages, program, environments, _temporary: temporary })
    }

    /// The state directory.
    pub fn state(&self) -> PathBuf {
        self.root.join(".ripcord")
    }

    /// Where the control plane runs.
    pub fn place(&self) -> Place {
        Place {
            program: self.program.clone(),
            root: self.root.clone(),
            state: self.state(),
            pages: self.pages,
        }
    }

    /// Brings `version` into production before any release, as it would be when somebody begins to use Ripcord.
    pub async fn run_last_good(&self, version: &str) -> Result<(), CommandError> {
        let failed = |error: AdapterError| {
            CommandError::refused("no-last-good", format!("{version} could not be brought up")).because(error)
        };
        let version = VersionName::new(version).map_err(|error| CommandError::usage(error.to_string()))?;
        let production =
            self.environments.iter().find(|environment| environment.name.as_str() == "production");
        let Some(production) = production else { return Ok(()) };
        let context = self.adapter_context(production);
        let artifact = Artifact { version: version.clone(), artifact: None, digest: None };
        let processes = workload::connect(&production.workload, &context);
        let instances = processes.ensure(Generation(0), &[artifact]).await.map_err(failed)?;
        let edge = router::connect(&production.router, &context);
        edge.apply(Generation(0), &Weights::all_to(&version), &instances).await.map_err(failed)?;
        Ok(())
    }

    /// Stops every instance and every edge that was started here, by their ids. Says what could not be stopped.
    pub async fn stop_all(&self) -> Vec<String> {
        let mut troubles = Vec::new();
        let newest = self.newest_generation();
        for environment in &self.environments {
            let context = self.adapter_context(environment);
            let processes = workload::connect(&environment.workload, &context);
            if context.workload_state().is_dir()
                && let Err(error) = processes.ensure(newest, &[]).await
            {
                troubles.push(format!("instances of {}: {error}", environment.name));
            }
            if let Some(pid) = running_edge(&context.edge_state()) {
                stop(pid, Duration::from_secs(4)).await;
            }
        }
        troubles
    }

    /// The newest generation of the record: in force already, so it is accepted, and the next release's is newer.
    fn newest_generation(&self) -> Generation {
        let intended = Filter { kind: Some("intended".to_owned()), limit: usize::MAX, ..Filter::default() };
        let entries = record::entries(&self.state(), &intended).unwrap_or_default();
        let generation = |entry: &Entry| {
            let Some(Event::Intended { effect }) = fact(entry) else { return None };
            Some(effect.generation)
        };
        entries.iter().filter_map(generation).max().unwrap_or_default()
    }

    fn adapter_context(&self, environment: &Environment) -> AdapterContext {
        AdapterContext {
            root: self.root.clone(),
            state: self.state(),
            environment: environment.name.clone(),
            ripcord_program: self.program.clone(),
        }
    }
}

/// The edge of this directory, when it runs: a process that merely has the recorded id is not ours.
fn running_edge(directory: &Path) -> Option<u32> {
    let recorded: EdgeFile = serde_json::from_slice(&fs::read(directory.join("edge.json")).ok()?).ok()?;
    let line = fs::read(format!("/proc/{}/cmdline", recorded.pid)).ok()?;
    let ours = directory.as_os_str().as_encoded_bytes();
    line.split(|byte| *byte == 0).any(|argument| argument == ours).then_some(recorded.pid)
}

fn directory(keep: Option<&Path>) -> Result<(PathBuf, Option<tempfile::TempDir>), CommandError> {
    let Some(keep) = keep else {
        let made = tempfile::Builder::new().prefix("ripcord-demo-").tempdir();
        let made = made.map_err(|error| unwritable(&std::env::temp_dir(), error))?;
        return Ok((made.path().to_path_buf(), Some(made)));
    };
    let keep = std::path::absolute(keep).map_err(|error| unwritable(keep, error))?;
    fs::create_dir_all(&keep).map_err(|error| unwritable(&keep, error))?;
    let is_empty = fs::read_dir(&keep).map_err(|error| unwritable(&keep, error))?.next().is_none();
    if !is_empty {
        let message = format!("{} is not empty", keep.display());
        return Err(
            CommandError::refused("not-empty", message).hinted("--keep DIR   a new or empty directory")
        );
    }
    Ok((keep, None))
}

fn unwritable(directory: &Path, error: std::io::Error) -> CommandError {
    CommandError::refused("unwritable", format!("{} cannot be written", directory.display())).because(error)
}

/// A port that is free now. The edge takes it a moment later; nobody else on this machine is likely to.
fn free_port() -> Result<SocketAddr, CommandError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| CommandError::refused("no-port", "no free port on 127.0.0.1").because(error))
}
