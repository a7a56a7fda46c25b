//! Local processes. They outlive the control plane and are adopted by the next one.
//!
//! Owns the processes it started, their records and logs. Refuses to touch any other process: one is ours only if
//! its id and start time are on record, or if it carries a recorded token in its environment.

mod digest;
mod records;
mod start;
mod stop;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, path::PathBuf, time::Duration};

use async_trait::async_trait;
use ripcord_engine::{Generation, Instance};
use ripcord_model::blueprint::{Artifact, ProcessWorkload};

use self::{
    records::{Records, Shelf},
    start::{Readiness, Started},
};
use super::ports::{self, Ports};
use crate::{
    Context,
    port::{AdapterError, Target, Workload},
    shell::detached,
    turn::Turn,
};

/// How often a process is given another port because somebody took its own.
const PORTS_TRIED: u32 = 3;
/// How long, besides the grace of processes being stopped, an older effect may take to make room.
const PATIENCE: Duration = Duration::from_secs(10);

/// Local processes.
pub(super) struct Processes {
    binding: ProcessWorkload,
    root: PathBuf,
    shelf: Shelf,
    ports: Ports,
    turn: Turn,
}

/// Processes started during one effect, by token.
type StartedNow = HashMap<String, Started>;

impl Processes {
    pub(super) fn new(binding: &ProcessWorkload, context: &Context) -> Self {
        Self {
            binding: binding.clone(),
            root: context.root.clone(),
            shelf: Shelf::new(context.workload_state()),
            ports: ports::free,
            turn: Turn::new(context.workload_state(), binding.grace.to_std() + PATIENCE),
        }
    }

    /// Makes sure that records exist for everything wanted, and that everything on record has been started.
    fn start_missing(&self, records: &mut Records, running: &[Artifact]) -> Result<StartedNow, AdapterError> {
        let mut started = StartedNow::new();
        for artifact in running {
            let have = records.instances.iter().filter(|record| record.version == artifact.version).count();
            for _ in have..self.binding.instances.max(1) as usize {
                self.start_one(records, artifact, &mut started)?;
            }
        }
        Ok(started)
    }

    /// No await between the record and the note of the process: a dropped future cannot lose one.
    fn start_one(
        &self,
        records: &mut Records,
        artifact: &Artifact,
        started: &mut StartedNow,
    ) -> Result<(), AdapterError> {
        let port = (self.ports)()?;
        records.instances.push(start::record(&self.binding, artifact, port)?);
        self.shelf.write(records)?;
        let record = records.instances.last_mut().expect("it was just pushed");
        let now = start::spawn(record, &self.binding, &self.root, &self.shelf.log(&artifact.version));
        match now {
            Ok(now) => started.insert(record.token.clone(), now),
            Err(error) => {
                records.instances.pop();
                self.shelf.write(records)?;
                return Err(error);
            }
        };
        self.shelf.write(records)
    }

    /// Waits until all that is wanted is ready. What cannot become ready is taken off again.
    async fn wait_ready(
        &self,
        records: &mut Records,
        running: &[Artifact],
        mut started: StartedNow,
    ) -> Result<(), AdapterError> {
        let mut ports_tried = 1;
        while let Some(index) = records.instances.iter().position(|record| !record.ready) {
            let record = records.instances[index].clone();
            let log = self.shelf.log(&record.version);
            let wanted = || self.turn.still_wanted(records.generation);
            match start::wait(&record, started.get_mut(&record.token), &self.binding, &log, wanted).await {
                Readiness::Ready => records.instances[index].ready = true,
                // What has been started stays on record: the newer intent wants it or takes it off.
                Readiness::Unwanted(superseded) => return Err(superseded),
                Readiness::PortTaken(why) => {
                    self.take_off(records, index).await?;
                    let artifact = running.iter().find(|artifact| artifact.version == record.version);
                    let (Some(artifact), true) = (artifact, ports_tried < PORTS_TRIED) else {
                        self.take_off_unready(records).await?;
                        return Err(AdapterError::Transient(format!(
                            "{} did not start: {why}",
                            record.version
                        )));
                    };
                    tracing::warn!(version = %record.version, why, "trying another port");
                    ports_tried += 1;
                    self.start_one(records, artifact, &mut started)?;
                }
                Readiness::Failed(error) => {
                    self.take_off_unready(records).await?;
                    return Err(error);
                }
            }
            self.shelf.write(records)?;
        }
        Ok(())
    }

    async fn take_off(&self, records: &mut Records, index: usize) -> Result<(), AdapterError> {
        stop::stop(&records.instances[index..=index], self.binding.grace.to_std()).await?;
        records.instances.remove(index);
        self.shelf.write(records)
    }

    async fn take_off_unready(&self, records: &mut Records) -> Result<(), AdapterError> {
        self.take_off_where(records, |record| !record.ready).await
    }

    async fn take_off_where(
        &self,
        records: &mut Records,
        unwanted: impl Fn(&records::Record) -> bool,
    ) -> Result<(), AdapterError> {
        let (off, stay): (Vec<_>, Vec<_>) = records.instances.iter().cloned().partition(unwanted);
        stop::stop(&off, self.binding.grace.to_std()).await?;
        records.instances = stay;
        self.shelf.write(records)
    }

    fn bound_logs(&self, records: &Records) {
        for record in &records.instances {
            if let Err(error) = detached::bound_log(&self.shelf.log(&record.version)) {
                tracing::warn!(version = %record.version, %error, "its log could not be cut");
            }
        }
    }
}

#[async_trait]
impl Workload for Processes {
    async fn ensure(
        &self,
        generation: Generation,
        running: &[Artifact],
    ) -> Result<Vec<Instance>, AdapterError> {
        let _turn = self.turn.take(generation).await?;
        let mut records = self.shelf.read()?;
        if generation < records.generation {
            return Err(AdapterError::Superseded { asked: generation, in_force: records.generation });
        }
        records.generation = generation;
        records.adopt();
        self.shelf.write(&records)?;
        let wanted =
            |record: &records::Record| running.iter().any(|artifact| artifact.version == record.version);
        // The dead go first, with what they left behind, and whatever nobody wants and nobody uses yet.
        self.take_off_where(&mut records, |record| !record.runs() || (!record.ready && !wanted(record)))
            .await?;
        let started = match self.start_missing(&mut records, running) {
            Ok(started) => started,
            Err(error) => {
                self.take_off_unready(&mut records).await?;
                return Err(error);
            }
        };
        self.wait_ready(&mut records, running, started).await?;
        self.take_off_where(&mut records, |record| !wanted(record)).await?;
        self.bound_logs(&records);
        Ok(records.instances.iter().filter(|record| record.runs()).map(records::Record::instance).collect())
    }

    async fn read_back(&self) -> Result<Vec<Instance>, AdapterError> {
        let records = self.shelf.read()?;
        self.bound_logs(&records);
        let running = records.instances.iter().filter(|record| record.ready && record.runs());
        Ok(running.map(records::Record::instance).collect())
    }

    async fn targets(&self, artifact: &Artifact) -> Result<Vec<Target>, AdapterError> {
        let mut records = self.shelf.read()?;
        records.instances.retain(|record| record.version == artifact.version && record.runs());
        let (root, artifact) = (self.root.clone(), artifact.artifact.clone());
        let looked = tokio::task::spawn_blocking(move || {
            digest::targets(&root, artifact.as_deref(), &records.instances)
        });
        looked.await.map_err(|error| AdapterError::Permanent(format!("the artifact was not read: {error}")))
    }
}
