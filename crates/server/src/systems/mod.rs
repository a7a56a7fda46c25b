//! The real systems of an environment, connected once and kept.
//!
//! Owns: which adapter serves which binding. Refuses to know: what is asked of them.

mod connections;
mod real;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use ripcord_adapters::{
    Context,
    port::{AdapterError, Flags, Metrics, Notifier, Router, Workload},
    visitor::Visitor,
};
use ripcord_engine::Instance;
use ripcord_model::blueprint::{Environment, Probe};

pub(crate) use connections::Connections;
pub use real::RealSystems;

/// Connects to the systems an environment is bound to. Connecting touches nothing; the first question does.
#[async_trait]
pub trait Systems: Send + Sync {
    /// What splits its traffic.
    fn router(&self, environment: &Environment) -> Arc<dyn Router>;
    /// What runs its versions.
    fn workload(&self, environment: &Environment) -> Arc<dyn Workload>;
    /// What switches its flags, if anything does.
    fn flags(&self, environment: &Environment) -> Option<Arc<dyn Flags>>;
    /// Where its numbers come from: a new reader, which remembers counters from now on.
    fn metrics(&self, environment: &Environment) -> Result<Box<dyn Metrics>, AdapterError>;
    /// Where what is asked of the world outside is asked: its root, its state.
    fn context(&self, environment: &Environment) -> Context;
    /// Who is told.
    fn notifiers(&self, environment: &Environment) -> Vec<Arc<dyn Notifier>>;
    /// A user of it, for rehearsals; absent when nobody can visit its router.
    fn visitor(&self, _environment: &Environment) -> Option<Arc<dyn Visitor>> {
        None
    }
    /// Runs what a rehearsal breaks on purpose.
    async fn fault(
        &self,
        environment: &Environment,
        _command: &str,
        _limit: Duration,
    ) -> Result<(), AdapterError> {
        Err(AdapterError::Permanent(format!("nothing can be broken on purpose in {}", environment.name)))
    }
    /// Asks one instance one question.
    async fn probe(&self, probe: &Probe, instance: &Instance) -> Result<(), AdapterError>;
}
