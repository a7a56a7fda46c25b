//! Users for staging while a rehearsal runs: requests through its router at a steady, bounded rate.

use std::{collections::HashMap, sync::Arc, time::Duration};

use ripcord_adapters::visitor::Visitor;
use ripcord_model::{ReleaseName, blueprint::Blueprint};
use tokio::{
    runtime,
    sync::Semaphore,
    time::{self, MissedTickBehavior},
};
use tokio_util::task::AbortOnDropHandle;

use super::TrafficAccounts;
use crate::{clock::Clock, systems::Connections};

/// Requests open at once at most: a staging that hangs is not flooded.
const OPEN_MAX: usize = 64;

/// The traffic of all rehearsals. Dropping it ends their tasks.
pub(crate) struct Visits {
    connections: Arc<Connections>,
    clock: Arc<dyn Clock>,
    runtime: runtime::Handle,
    accounts: TrafficAccounts,
    tasks: HashMap<ReleaseName, AbortOnDropHandle<()>>,
}

impl Visits {
    pub(crate) fn new(
        connections: Arc<Connections>,
        clock: Arc<dyn Clock>,
        runtime: runtime::Handle,
        accounts: TrafficAccounts,
    ) -> Self {
        Self { connections, clock, runtime, accounts, tasks: HashMap::new() }
    }

    /// Sends traffic for a rehearsal from now on, if the router can be visited.
    pub(crate) fn begin(&mut self, blueprint: &Blueprint) {
        if self.tasks.contains_key(&blueprint.release) {
            return;
        }
        let Some(plan) = blueprint.rehearsal.as_ref().map(|of| &of.plan) else { return };
        let Some(visitor) = self.connections.visitor(&blueprint.production) else { return };
        let visiting = Visiting {
            visitor,
            clock: Arc::clone(&self.clock),
            accounts: self.accounts.clone(),
            rehearsal: blueprint.release.clone(),
        };
        let pause = Duration::from_secs(1) / plan.rate.max(1);
        let task = self.runtime.spawn(visiting.run(pause));
        self.tasks.insert(blueprint.release.clone(), AbortOnDropHandle::new(task));
    }

    /// Ends the traffic of a rehearsal.
    pub(crate) fn end(&mut self, rehearsal: &ReleaseName) {
        if self.tasks.remove(rehearsal).is_some() {
            self.accounts.close(rehearsal);
        }
    }
}

struct Visiting {
    visitor: Arc<dyn Visitor>,
    clock: Arc<dyn Clock>,
    accounts: TrafficAccounts,
    rehearsal: ReleaseName,
}

impl Visiting {
    async fn run(self, pause: Duration) {
        let visiting = Arc::new(self);
        let open = Arc::new(Semaphore::new(OPEN_MAX));
        let mut interval = time::interval(pause);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut visits = tokio::task::JoinSet::new();
        let mut number = 0_u64;
        loop {
            interval.tick().await;
            while visits.try_join_next().is_some() {}
            let Ok(permit) = Arc::clone(&open).try_acquire_owned() else { continue };
            let visiting = Arc::clone(&visiting);
            number += 1;
            visits.spawn(async move {
                let _permit = permit;
                visiting.accounts.sent(&visiting.rehearsal);
                let visit = visiting.visitor.visit(number).await.ok();
                visiting.accounts.answered(&visiting.rehearsal, visit, visiting.clock.now());
            });
        }
    }
}
