//! Ripcord's own splitter: a separate process that keeps its split on disk and goes on without the control plane.
//!
//! Owns starting it, finding it again and talking to its admin address. Refuses to know how it splits.

mod admin;
mod launch;

use async_trait::async_trait;
use ripcord_engine::{Generation, Instance, Weights};
use ripcord_model::{VersionName, blueprint::EdgeRouter};

use self::launch::Launcher;
use super::split::Split;
use crate::{
    Context,
    port::{AdapterError, Router},
};

/// Ripcord's own splitter.
pub(super) struct Edge {
    launcher: Launcher,
    drain: ripcord_model::Duration,
    /// One effect at a time, so that only one edge is started.
    turn: tokio::sync::Mutex<()>,
}

impl Edge {
    pub(super) fn new(binding: &EdgeRouter, context: &Context) -> Self {
        let turn = tokio::sync::Mutex::new(());
        Self { launcher: Launcher::new(binding, context), drain: binding.drain, turn }
    }
}

#[async_trait]
impl Router for Edge {
    async fn apply(
        &self,
        generation: Generation,
        weights: &Weights,
        instances: &[Instance],
    ) -> Result<Weights, AdapterError> {
        let split = Split::new(generation, weights, instances)?;
        let admin = {
            let _turn = self.turn.lock().await;
            self.launcher.ensure().await?
        };
        admin.put(&split, self.drain).await?;
        let read = admin.get().await?;
        match read {
            Some(read) if read == split => Ok(read.weights),
            Some(read) if read.generation > generation => {
                Err(AdapterError::Superseded { asked: generation, in_force: read.generation })
            }
            other => Err(AdapterError::Transient(format!(
                "the edge accepted generation {generation} ({weights}) and then answered {other:?}"
            ))),
        }
    }

    async fn read_back(&self) -> Result<Option<(Generation, Weights)>, AdapterError> {
        let _turn = self.turn.lock().await;
        if !self.launcher.was_started()? {
            return Ok(None);
        }
        // A dead edge comes back with its last split: what is in force is what it will do then.
        let admin = self.launcher.ensure().await?;
        Ok(admin.get().await?.map(|split| (split.generation, split.weights)))
    }

    async fn requests(&self) -> Result<Option<Vec<(VersionName, u64)>>, AdapterError> {
        let admin = match self.launcher.find().await? {
            Some(admin) => admin,
            None if self.launcher.was_started()? => {
                // It is asked every few seconds while users depend on it: a dead edge comes back here.
                let _turn = self.turn.lock().await;
                self.launcher.ensure().await?
            }
            None => return Ok(None),
        };
        admin.requests().await.map(Some)
    }
}
