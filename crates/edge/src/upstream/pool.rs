//! The connections to one instance of one version.
//!
//! A connection belongs to the worker that opened it: its task runs on that worker's runtime, and it is handed out to
//! requests of that worker only. So a shard's lock is never waited for in practice, and no request wakes another thread.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use ripcord_model::VersionName;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use crate::upstream::connection::{Connection, Idle};

/// Idle connections kept per worker and instance.
const MAX_IDLE: usize = 256;

/// One instance of one version, and the connections to it.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) version: VersionName,
    pub(crate) address: SocketAddr,
    shards: Vec<Mutex<Vec<Idle>>>,
    /// The tasks that drive its connections, so that they can be cut.
    tasks: Mutex<HashMap<u64, AbortHandle>>,
    next_task: AtomicU64,
    /// The epoch of the table that withdrew it; 0 while in force.
    retired_by: AtomicU64,
    cut: CancellationToken,
}

impl Upstream {
    pub(crate) fn new(version: VersionName, address: SocketAddr, workers: usize) -> Self {
        Self {
            version,
            address,
            shards: (0..workers).map(|_| Mutex::default()).collect(),
            tasks: Mutex::default(),
            next_task: AtomicU64::new(0),
            retired_by: AtomicU64::new(0),
            cut: CancellationToken::new(),
        }
    }

    /// No new request comes; idle connections close, busy ones finish.
    pub(crate) fn retire(&self, epoch: u64) {
        self.retired_by.store(epoch, Ordering::SeqCst);
        for worker in 0..self.shards.len() {
            self.shard(worker).clear();
        }
    }

    /// It is in force again.
    pub(crate) fn revive(&self) {
        self.retired_by.store(0, Ordering::SeqCst);
    }

    /// The epoch of the table that withdrew it; 0 while in force.
    pub(crate) fn retired_by(&self) -> u64 {
        self.retired_by.load(Ordering::SeqCst)
    }

    /// Ends whatever still runs on it. There is no way back from this.
    pub(crate) fn cut(&self) {
        self.cut.cancel();
        let tasks = std::mem::take(&mut *lock(&self.tasks));
        tasks.values().for_each(AbortHandle::abort);
    }

    /// Completes when the instance is cut; for tunnels, whose connection is no longer a task of its own.
    pub(crate) async fn was_cut(&self) {
        self.cut.cancelled().await;
    }

    /// A kept connection that can take a request right now.
    pub(crate) fn checkout(self: &Arc<Self>, worker: usize) -> Option<Connection> {
        let mut shard = self.shard(worker);
        let mut busy = Vec::new();
        let found = loop {
            match shard.pop() {
                None => break None,
                Some(idle) if idle.sender.is_closed() => {}
                // Its answer has been read while its request is still being written.
                Some(idle) if !idle.sender.is_ready() => busy.push(idle),
                Some(idle) => break Some(idle),
            }
        };
        shard.extend(busy);
        drop(shard);
        found.map(|idle| Connection::reused(idle, Arc::clone(self), worker))
    }

    /// Takes a connection back after its answer has been read to the end.
    pub(crate) fn give_back(&self, idle: Idle, worker: usize) {
        let mut shard = self.shard(worker);
        // Under the lock, so that a retirement either clears it or is seen here.
        if self.retired_by() == 0 && !idle.sender.is_closed() && shard.len() < MAX_IDLE {
            shard.push(idle);
        }
    }

    /// Closes connections that have been idle for too long.
    pub(crate) fn prune(&self, worker: usize, now: Instant, limit: Duration) {
        self.shard(worker)
            .retain(|idle| now.saturating_duration_since(idle.since) < limit && !idle.sender.is_closed());
    }

    /// A number to remember a connection's task by.
    pub(crate) fn next_task(&self) -> u64 {
        self.next_task.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn remember_task(&self, id: u64, task: AbortHandle) {
        // A task may already have ended, or the instance been cut, before this line is reached.
        let ended = task.is_finished();
        let mut tasks = lock(&self.tasks);
        if self.cut.is_cancelled() {
            task.abort();
        } else if !ended {
            tasks.insert(id, task);
        }
    }

    pub(crate) fn forget_task(&self, id: u64) {
        lock(&self.tasks).remove(&id);
    }

    fn shard(&self, worker: usize) -> MutexGuard<'_, Vec<Idle>> {
        lock(&self.shards[worker])
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
