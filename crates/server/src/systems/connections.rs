//! One adapter per environment and binding, so that what an adapter remembers is remembered once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ripcord_adapters::{
    Context,
    port::{AdapterError, Flags, Metrics, Notifier, Router, Workload},
    visitor::Visitor,
};
use ripcord_engine::Instance;
use ripcord_model::blueprint::{Environment, Probe};
use serde::Serialize;
use tokio::sync::mpsc;

use super::Systems;
use crate::{
    flags::{BuiltinFlags, FlagService},
    loop_::Message,
};

/// Keeps one adapter per environment and binding, so that what an adapter remembers is remembered once.
pub(crate) struct Connections {
    systems: Arc<dyn Systems>,
    routers: Kept<dyn Router>,
    workloads: Kept<dyn Workload>,
    flags: Kept<dyn Flags>,
    /// What switches flags that Ripcord serves itself; absent where no loop runs.
    builtin: Option<Builtin>,
}

/// The flags that are served, and the loop that changes them.
struct Builtin {
    service: FlagService,
    sender: mpsc::Sender<Message>,
}

struct Kept<T: ?Sized>(Mutex<HashMap<String, Arc<T>>>);

impl<T: ?Sized> Kept<T> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn get(&self, key: String, connect: impl FnOnce() -> Arc<T>) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.entry(key).or_insert_with(connect))
    }
}

impl Connections {
    pub(crate) fn new(systems: Arc<dyn Systems>) -> Self {
        Self { systems, routers: Kept::new(), workloads: Kept::new(), flags: Kept::new(), builtin: None }
    }

    /// With flags that Ripcord serves itself.
    #[must_use]
    pub(crate) fn serving(mut self, service: FlagService, sender: mpsc::Sender<Message>) -> Self {
        self.builtin = Some(Builtin { service, sender });
        self
    }

    pub(crate) fn router(&self, environment: &Environment) -> Arc<dyn Router> {
        self.routers.get(key(environment, &environment.router), || self.systems.router(environment))
    }

    pub(crate) fn workload(&self, environment: &Environment) -> Arc<dyn Workload> {
        self.workloads.get(key(environment, &environment.workload), || self.systems.workload(environment))
    }

    pub(crate) fn flags(&self, environment: &Environment) -> Option<Arc<dyn Flags>> {
        let binding = environment.flags.as_ref()?;
        if let Some(builtin) = self.builtin.as_ref().filter(|_| binding.builtin) {
            return Some(Arc::new(BuiltinFlags {
                service: builtin.service.clone(),
                sender: builtin.sender.clone(),
                environment: environment.name.clone(),
                within: binding.timeout.to_std(),
            }));
        }
        let connected = self.systems.flags(environment)?;
        Some(self.flags.get(key(environment, &environment.flags), || connected))
    }

    pub(crate) fn metrics(&self, environment: &Environment) -> Result<Box<dyn Metrics>, AdapterError> {
        self.systems.metrics(environment)
    }

    pub(crate) fn context(&self, environment: &Environment) -> Context {
        self.systems.context(environment)
    }

    pub(crate) fn notifiers(&self, environment: &Environment) -> Vec<Arc<dyn Notifier>> {
        self.systems.notifiers(environment)
    }

    pub(crate) fn visitor(&self, environment: &Environment) -> Option<Arc<dyn Visitor>> {
        self.systems.visitor(environment)
    }

    pub(crate) async fn fault(
        &self,
        environment: &Environment,
        command: &str,
        limit: std::time::Duration,
    ) -> Result<(), AdapterError> {
        self.systems.fault(environment, command, limit).await
    }

    pub(crate) async fn probe(&self, probe: &Probe, instance: &Instance) -> Result<(), AdapterError> {
        self.systems.probe(probe, instance).await
    }
}

fn key(environment: &Environment, binding: &impl Serialize) -> String {
    let binding = serde_json::to_string(binding).expect("a binding is plain data and always serialises");
    format!("{} {binding}", environment.name)
}
