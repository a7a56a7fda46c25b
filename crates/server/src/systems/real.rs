//! The adapters of this build.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use ripcord_adapters::{
    Context, fault, flags, metrics, notify,
    port::{AdapterError, Flags, Metrics, Notifier, Router, Workload},
    probe, router,
    visitor::{self, Visitor},
    workload,
};
use ripcord_engine::Instance;
use ripcord_model::blueprint::{Environment, NotifyBinding, Probe};

use super::Systems;

/// The adapters of this build.
#[derive(Debug, Clone)]
pub struct RealSystems {
    /// The service's root: commands run here.
    pub root: PathBuf,
    /// The state directory.
    pub state: PathBuf,
    /// The `ripcord` binary, which is also the edge.
    pub ripcord_program: PathBuf,
}

#[async_trait]
impl Systems for RealSystems {
    fn router(&self, environment: &Environment) -> Arc<dyn Router> {
        Arc::from(router::connect(&environment.router, &self.context(environment)))
    }

    fn workload(&self, environment: &Environment) -> Arc<dyn Workload> {
        Arc::from(workload::connect(&environment.workload, &self.context(environment)))
    }

    fn flags(&self, environment: &Environment) -> Option<Arc<dyn Flags>> {
        let binding = environment.flags.as_ref()?;
        Some(Arc::from(flags::connect(binding, &self.context(environment))))
    }

    fn context(&self, environment: &Environment) -> Context {
        Context {
            root: self.root.clone(),
            state: self.state.clone(),
            environment: environment.name.clone(),
            ripcord_program: self.ripcord_program.clone(),
        }
    }

    fn metrics(&self, environment: &Environment) -> Result<Box<dyn Metrics>, AdapterError> {
        metrics::connect_beside(&environment.metrics, &environment.router, &self.context(environment))
    }

    fn notifiers(&self, environment: &Environment) -> Vec<Arc<dyn Notifier>> {
        let connected = |binding: &NotifyBinding| match notify::connect(binding) {
            Ok(notifier) => Some(Arc::from(notifier)),
            Err(error) => {
                tracing::warn!(environment = %environment.name, "somebody cannot be told: {error}");
                None
            }
        };
        environment.notify.iter().filter_map(connected).collect()
    }

    fn visitor(&self, environment: &Environment) -> Option<Arc<dyn Visitor>> {
        match visitor::connect(environment) {
            Ok(visitor) => Some(Arc::from(visitor)),
            Err(error) => {
                tracing::warn!(environment = %environment.name, "nobody can visit it: {error}");
                None
            }
        }
    }

    async fn fault(
        &self,
        environment: &Environment,
        command: &str,
        limit: Duration,
    ) -> Result<(), AdapterError> {
        fault::run(&self.context(environment), command, limit).await
    }

    async fn probe(&self, probe: &Probe, instance: &Instance) -> Result<(), AdapterError> {
        probe::check(probe, instance).await
    }
}
