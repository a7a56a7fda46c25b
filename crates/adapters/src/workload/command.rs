//! Any command line that starts, stops and lists a version: a scheduler, a container tool, a script.
//!
//! Remembers which versions it started and which port it gave them. Refuses to know what the commands do: whether a
//! version runs is what the endpoints command says.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use async_trait::async_trait;
use ripcord_engine::{Generation, Instance};
use ripcord_model::{
    VersionName,
    blueprint::{Artifact, CommandWorkload},
};
use serde::{Deserialize, Serialize};

use super::{ports, targets};
use crate::{
    Context,
    port::{AdapterError, Target, Workload},
    shell::{self, Shell},
    state_file,
    turn::Turn,
};

const FORMAT: u32 = 1;
const POLL: Duration = Duration::from_millis(100);
/// How long, besides a command that runs, an older effect may take to make room.
const PATIENCE: Duration = Duration::from_secs(10);
/// No version has more instances than this; a command that lists more has gone wrong.
const MOST_ENDPOINTS: usize = 1_000;

/// `commands.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    format: u32,
    generation: Generation,
    versions: Vec<Known>,
}

/// A version that was started, or may have been.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    artifact: Artifact,
    port: u16,
}

/// Any command line.
pub(super) struct Commands {
    binding: CommandWorkload,
    shell: Shell,
    turn: Turn,
}

impl Commands {
    pub(super) fn new(binding: &CommandWorkload, context: &Context) -> Self {
        let shell = Shell {
            directory: context.root.clone(),
            environment: binding.environment.clone(),
            timeout: binding.timeout.to_std(),
        };
        let turn = Turn::new(context.workload_state(), 2 * binding.timeout.to_std() + PATIENCE);
        Self { binding: binding.clone(), shell, turn }
    }

    fn file(&self) -> PathBuf {
        self.turn.directory().join("commands.json")
    }

    fn memory(&self) -> Result<Memory, AdapterError> {
        let empty = Memory { format: FORMAT, generation: Generation::default(), versions: Vec::new() };
        let memory = state_file::read(&self.file())?.unwrap_or(empty);
        if memory.format == FORMAT {
            return Ok(memory);
        }
        let path = self.file();
        Err(AdapterError::Permanent(format!(
            "{} has format {}, this ripcord knows {FORMAT}; use the ripcord that wrote it",
            path.display(),
            memory.format
        )))
    }

    async fn run(&self, template: &str, known: &Known) -> Result<String, AdapterError> {
        let digest = known.artifact.digest.as_deref();
        if digest.is_none() && template.contains("{digest}") {
            return Err(AdapterError::Permanent(format!(
                "`{template}` asks for a digest, and the artifact of {} has none: only files and images named by it do",
                known.artifact.version
            )));
        }
        let command = shell::fill(
            template,
            &[
                ("version", known.artifact.version.as_str()),
                ("artifact", known.artifact.artifact.as_deref().unwrap_or_default()),
                ("port", known.port.to_string().as_str()),
                ("digest", digest.unwrap_or_default()),
            ],
        )?;
        self.shell.run(&command).await?.success(&command)
    }

    async fn endpoints(&self, known: &Known) -> Result<Vec<Instance>, AdapterError> {
        let said = self.run(&self.binding.endpoints, known).await?;
        let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.len() > MOST_ENDPOINTS {
            return Err(AdapterError::Permanent(format!(
                "`{}` printed {} lines for {}, expected at most {MOST_ENDPOINTS}",
                self.binding.endpoints,
                lines.len(),
                known.artifact.version
            )));
        }
        let mut instances = Vec::new();
        for line in lines {
            instances.push(Instance {
                version: known.artifact.version.clone(),
                address: self.resolve(line, &known.artifact.version).await?,
            });
        }
        Ok(instances)
    }

    async fn resolve(&self, line: &str, version: &VersionName) -> Result<SocketAddr, AdapterError> {
        let wrong = |why: String| {
            AdapterError::Permanent(format!(
                "`{}` printed {line:?} for {version}, expected one host:port per line{why}",
                self.binding.endpoints
            ))
        };
        if line.rsplit_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_err()) {
            return Err(wrong(String::new()));
        }
        let mut found = tokio::net::lookup_host(line).await.map_err(|error| wrong(format!(": {error}")))?;
        found.next().ok_or_else(|| wrong(": no such host".to_owned()))
    }

    /// Waits until a version has instances, or none. Commands may return before what they ask for is true.
    async fn wait(
        &self,
        generation: Generation,
        known: &Known,
        running: bool,
    ) -> Result<Vec<Instance>, AdapterError> {
        let deadline = tokio::time::Instant::now() + self.shell.timeout;
        loop {
            self.turn.still_wanted(generation)?;
            let instances = self.endpoints(known).await?;
            if instances.is_empty() != running {
                return Ok(instances);
            }
            if tokio::time::Instant::now() >= deadline {
                let (verb, command) =
                    if running { ("start", &self.binding.start) } else { ("stop", &self.binding.stop) };
                let version = &known.artifact.version;
                return Err(AdapterError::Transient(format!(
                    "{version} did not {verb}: {} after `{command}`, `{}` still printed {} instances",
                    self.binding.timeout.human(),
                    self.binding.endpoints,
                    instances.len()
                )));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// The instances of a version, started if it has none.
    async fn ensure_one(
        &self,
        memory: &mut Memory,
        artifact: &Artifact,
    ) -> Result<Vec<Instance>, AdapterError> {
        let known = memory.versions.iter_mut().find(|known| known.artifact.version == artifact.version);
        let known = match known {
            Some(known) => known.clone(),
            None => {
                let known = Known { artifact: artifact.clone(), port: ports::free()? };
                memory.versions.push(known.clone());
                state_file::write(&self.file(), memory)?;
                known
            }
        };
        let instances = self.endpoints(&known).await?;
        if !instances.is_empty() {
            return Ok(instances);
        }
        self.run(&self.binding.start, &known).await?;
        self.wait(memory.generation, &known, true).await
    }
}

#[async_trait]
impl Workload for Commands {
    async fn ensure(
        &self,
        generation: Generation,
        running: &[Artifact],
    ) -> Result<Vec<Instance>, AdapterError> {
        let _turn = self.turn.take(generation).await?;
        let mut memory = self.memory()?;
        if generation < memory.generation {
            return Err(AdapterError::Superseded { asked: generation, in_force: memory.generation });
        }
        memory.generation = generation;
        state_file::write(&self.file(), &memory)?;
        let mut instances = Vec::new();
        for artifact in running {
            instances.extend(self.ensure_one(&mut memory, artifact).await?);
        }
        let unwanted =
            |known: &Known| !running.iter().any(|artifact| artifact.version == known.artifact.version);
        for known in memory.versions.clone().into_iter().filter(unwanted) {
            self.run(&self.binding.stop, &known).await?;
            self.wait(generation, &known, false).await?;
            memory.versions.retain(|other| other.artifact.version != known.artifact.version);
            state_file::write(&self.file(), &memory)?;
        }
        Ok(instances)
    }

    async fn read_back(&self) -> Result<Vec<Instance>, AdapterError> {
        let mut instances = Vec::new();
        for known in self.memory()?.versions {
            instances.extend(self.endpoints(&known).await?);
        }
        Ok(instances)
    }

    async fn targets(&self, artifact: &Artifact) -> Result<Vec<Target>, AdapterError> {
        let Some(command) = &self.binding.digests else { return Ok(Vec::new()) };
        // No port: the version need not run for its artifact to be there.
        let said = self.run(command, &Known { artifact: artifact.clone(), port: 0 }).await?;
        targets::parse(command, &artifact.version, &said)
    }
}
