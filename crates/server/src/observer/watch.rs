//! Which releases are observed, and the task that does it.

use std::{collections::HashMap, sync::Arc};

use ripcord_model::{ReleaseName, blueprint::Blueprint};
use tokio::{
    runtime,
    sync::{mpsc, watch},
    time::{self, MissedTickBehavior},
};
use tokio_util::task::AbortOnDropHandle;

use super::reading::Reader;
use crate::{clock::Clock, loop_::Message, systems::Connections};

/// What an observer is to do at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    /// Whether the release wants to be shown what is seen. If not, counters are still followed, so that the next
    /// difference covers one interval only.
    pub(crate) report: bool,
    /// Whether the candidate should run, so that its absence means death.
    pub(crate) candidate_should_run: bool,
}

/// All observers. Dropping them ends their tasks.
pub(crate) struct Observers {
    connections: Arc<Connections>,
    clock: Arc<dyn Clock>,
    runtime: runtime::Handle,
    sender: mpsc::Sender<Message>,
    observed: HashMap<ReleaseName, Observed>,
}

struct Observed {
    order: watch::Sender<Order>,
    _task: AbortOnDropHandle<()>,
}

impl Observers {
    pub(crate) fn new(
        connections: Arc<Connections>,
        clock: Arc<dyn Clock>,
        runtime: runtime::Handle,
        sender: mpsc::Sender<Message>,
    ) -> Self {
        Self { connections, clock, runtime, sender, observed: HashMap::new() }
    }

    /// Observes the release of `blueprint` from now on as `order` says.
    pub(crate) fn set(&mut self, blueprint: &Arc<Blueprint>, order: Order) {
        if let Some(observed) = self.observed.get(&blueprint.release) {
            observed.order.send_if_modified(|present| std::mem::replace(present, order) != order);
            return;
        }
        let (sender, orders) = watch::channel(order);
        let reader =
            Reader::new(Arc::clone(blueprint), Arc::clone(&self.connections), Arc::clone(&self.clock));
        let task = observe(blueprint.release.clone(), reader, orders, self.sender.clone());
        let task = AbortOnDropHandle::new(self.runtime.spawn(task));
        self.observed.insert(blueprint.release.clone(), Observed { order: sender, _task: task });
    }

    /// Ends the observation of a release that is over.
    pub(crate) fn stop(&mut self, release: &ReleaseName) {
        self.observed.remove(release);
    }
}

async fn observe(
    release: ReleaseName,
    mut reader: Reader,
    orders: watch::Receiver<Order>,
    sender: mpsc::Sender<Message>,
) {
    let mut interval = time::interval(reader.interval());
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let candidate_should_run = orders.borrow().candidate_should_run;
        let mut block = reader.block(candidate_should_run).await;
        let order = *orders.borrow();
        if !order.candidate_should_run && block.candidate == ripcord_engine::Liveness::Dead {
            // It was stopped on purpose while we looked.
            block.candidate = ripcord_engine::Liveness::Unknown;
        }
        if !order.report {
            continue;
        }
        block.baseline = reader.baseline();
        if sender.send(Message::Block { release: release.clone(), block }).await.is_err() {
            return;
        }
    }
}
