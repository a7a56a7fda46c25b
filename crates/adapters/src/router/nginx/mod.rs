//! nginx with `split_clients` in an include file. What the user adds to nginx.conf stands in `docs/nginx.md`.
//!
//! Owns the include file and nothing else of nginx's configuration. Invariant: when an effect fails, either the old
//! file is in place and in force, or nginx itself accepted the new one.

mod include;
mod swap;
mod witness;

use std::time::Duration;

use async_trait::async_trait;
use ripcord_engine::{Generation, Instance, Weights};
use ripcord_model::{VersionName, blueprint::NginxRouter};

use self::{swap::Swap, witness::Witness};
use super::split::Split;
use crate::{
    Context,
    port::{AdapterError, Router},
    shell::{Ended, Shell},
    turn::Turn,
};

/// How long testing or reloading may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(15);
/// How long, besides the commands, an older effect may take to make room.
const PATIENCE: Duration = Duration::from_secs(5);
const MISSING: &str = "nginx is not installed or not on PATH; install it (Debian: apt-get install nginx) or write \
                       its full path into the router's test and reload commands";

/// nginx with `split_clients` in an include file.
pub(super) struct Nginx {
    binding: NginxRouter,
    swap: Swap,
    shell: Shell,
    turn: Turn,
}

impl Nginx {
    pub(super) fn new(binding: &NginxRouter, context: &Context) -> Self {
        let shell =
            Shell { directory: context.root.clone(), environment: Vec::new(), timeout: COMMAND_TIMEOUT };
        let swap = Swap::new(context.resolve(&binding.split));
        let turn = Turn::new(context.router_state(), 2 * COMMAND_TIMEOUT + PATIENCE);
        Self { binding: binding.clone(), swap, shell, turn }
    }

    /// The split the include file holds.
    fn on_disk(&self) -> Result<Option<Split>, AdapterError> {
        Ok(self.swap.read()?.as_deref().and_then(include::parse))
    }

    async fn run(&self, command: &str) -> Result<Ended, AdapterError> {
        let ended = self.shell.run(command).await?;
        if ended.not_found() {
            return Err(AdapterError::Permanent(format!("{MISSING}; `{command}` said: {}", ended.said())));
        }
        Ok(ended)
    }

    /// Puts the file in place if nginx accepts it.
    async fn put(&self, text: &str) -> Result<(), AdapterError> {
        self.swap.put(text)?;
        let tested = self.run(&self.binding.test).await;
        let refused = match tested {
            Ok(ended) if ended.code == Some(0) => return self.swap.accept(),
            Ok(ended) => AdapterError::Permanent(format!(
                "nginx refused the split, the one before stays in force; `{}` said: {}",
                self.binding.test,
                ended.said()
            )),
            Err(error) => error,
        };
        self.swap.take_back()?;
        Err(refused)
    }

    async fn reload(&self) -> Result<(), AdapterError> {
        let ended = self.run(&self.binding.reload).await?;
        if ended.code == Some(0) {
            return Ok(());
        }
        Err(AdapterError::Transient(format!(
            "nginx could not be told to read the new split; is it running? `{}` said: {}",
            self.binding.reload,
            ended.said()
        )))
    }
}

#[async_trait]
impl Router for Nginx {
    async fn apply(
        &self,
        generation: Generation,
        weights: &Weights,
        instances: &[Instance],
    ) -> Result<Weights, AdapterError> {
        let split = Split::new(generation, weights, instances)?;
        let text = include::render(&split, &self.binding.key)?;
        let _turn = self.turn.take(generation).await?;
        self.swap.repair()?;
        let before = self.on_disk()?;
        if let Some(in_force) =
            before.as_ref().map(|before| before.generation).filter(|other| *other > generation)
        {
            return Err(AdapterError::Superseded { asked: generation, in_force });
        }
        let witness = Witness::new(&self.binding.probe).await?;
        if before.as_ref() != Some(&split) {
            self.put(&text).await?;
        }
        // Also when the file was there already: the reload may be what failed the last time.
        self.reload().await?;
        let wanted = || self.turn.still_wanted(generation);
        witness.sees(&split, wanted).await?;
        let withdrawn = before
            .is_some_and(|before| before.weights.0.iter().any(|(name, _)| weights.share_of(name).ppm() == 0));
        if withdrawn && !witness.sees_old_workers_gone(self.binding.drain.to_std(), wanted).await? {
            tracing::warn!(%generation, "old nginx workers still finish open requests at the end of the drain time");
        }
        let read = self.on_disk()?;
        match read {
            Some(read) if read == split => Ok(read.weights),
            _ => Err(AdapterError::Transient(format!(
                "{} was changed by somebody else while generation {generation} was put in force",
                self.swap.path().display()
            ))),
        }
    }

    async fn read_back(&self) -> Result<Option<(Generation, Weights)>, AdapterError> {
        let _turn = self.turn.lock().await?;
        self.swap.repair()?;
        let Some(split) = self.on_disk()? else { return Ok(None) };
        let witness = Witness::new(&self.binding.probe).await?;
        match witness.generation().await {
            Ok(Some(generation)) if generation == split.generation => {
                Ok(Some((split.generation, split.weights)))
            }
            Ok(Some(generation)) => Err(AdapterError::Transient(format!(
                "{} holds generation {}, but nginx answers with {generation}; run `{}`",
                self.swap.path().display(),
                split.generation,
                self.binding.reload
            ))),
            Ok(None) => Err(AdapterError::Permanent(format!(
                "{} answers without x-ripcord-generation, so nothing can be read back; \
                 add the add_header lines to the location, see docs/nginx.md",
                self.binding.probe
            ))),
            Err(error) => Err(AdapterError::Transient(format!(
                "nginx did not answer at {}: {error}",
                self.binding.probe
            ))),
        }
    }

    async fn requests(&self) -> Result<Option<Vec<(VersionName, u64)>>, AdapterError> {
        // nginx counts requests, but not per upstream.
        Ok(None)
    }
}
