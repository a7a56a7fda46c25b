//! Changing the split: checked, written and put in force, drained. One change at a time.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ripcord_engine::{Generation, Weights};
use ripcord_model::{Share, VersionName};

use crate::{
    clock::Clock,
    known::Known,
    routing::{Backend, Router, Table},
    split::{Draining, InvalidSplit, Restored, Split, SplitView, VersionView, Withdrawn},
    state::{StateDir, StateError},
    upstream::Upstream,
    version::Version,
};

/// How long to wait before a split that could not be written is written again.
const KEEP_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Why a split is not set; nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetSplitError {
    #[error("generation {asked} is older than {in_force}, which is in force")]
    Superseded { asked: Generation, in_force: Generation },
    #[error("generation {0} is in force with other weights: a new split needs a new generation")]
    Reused(Generation),
    #[error(transparent)]
    Invalid(#[from] InvalidSplit),
    #[error("the split cannot be kept, so it is not put in force: {0}: {detail}", detail = source_of(.0))]
    NotKept(#[from] StateError),
}

fn source_of(error: &StateError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

/// The one who may change the split.
#[derive(Debug)]
pub(crate) struct Control {
    router: Arc<Router>,
    state: Arc<StateDir>,
    restored: Restored,
    drain: Duration,
    workers: usize,
    clock: Clock,
    known: Mutex<Known>,
    changing: tokio::sync::Mutex<()>,
    /// Whether what is in force is on disk.
    kept: AtomicBool,
}

impl Control {
    /// Puts the split on disk in force, when there is one.
    pub(crate) fn restore(
        router: Arc<Router>,
        state: StateDir,
        drain: Duration,
        workers: usize,
    ) -> Result<Self, StateError> {
        let (split, restored) = state.restore()?;
        let control = Self {
            router,
            state: Arc::new(state),
            restored,
            drain,
            workers,
            clock: Clock::start(),
            known: Mutex::default(),
            changing: tokio::sync::Mutex::default(),
            kept: AtomicBool::new(true),
        };
        if let Some(split) = split {
            tracing::info!(generation = %split.generation, weights = %split.weights, "split restored");
            control.put_in_force(split);
        }
        Ok(control)
    }

    pub(crate) fn state(&self) -> &StateDir {
        &self.state
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Makes `split` the one in force, or changes nothing. When this returns, no new request reaches a version that
    /// is not named; `wait` is how long to wait for the open ones of those withdrawn.
    pub(crate) async fn set(
        self: &Arc<Self>,
        split: Split,
        wait: Duration,
    ) -> Result<SplitView, SetSplitError> {
        split.check()?;
        let withdrawn = self.change(split).await?;
        let all_drained = async {
            for (version, _) in &withdrawn {
                version.drained().await;
            }
        };
        // Not drained in time is an answer too, and the numbers say so.
        let _in_time = tokio::time::timeout(wait, all_drained).await;
        let mut view = self.view();
        let report = |(version, open_at_switch): &(Arc<Version>, u64)| Withdrawn {
            version: version.name.clone(),
            open_at_switch: *open_at_switch,
            open_now: version.open_requests(),
        };
        view.withdrawn = withdrawn.iter().map(report).collect();
        Ok(view)
    }

    /// What gives traffic to a version is on disk before it is in force. What takes it away is in force first: the
    /// way back waits for no disk, be it slow or full. Both are answered after both.
    async fn change(self: &Arc<Self>, split: Split) -> Result<Vec<(Arc<Version>, u64)>, SetSplitError> {
        let _one_at_a_time = self.changing.lock().await;
        let in_force = self.router.table().map(|table| table.split.clone());
        if let Some(in_force) = &in_force {
            allowed_after(in_force, &split)?;
            if *in_force == split {
                if !self.is_kept() {
                    self.keep(&split).await?;
                }
                return Ok(Vec::new());
            }
        }
        if !in_force.is_some_and(|in_force| split.takes_away_from(&in_force)) {
            self.keep(&split).await?;
            return Ok(self.switch(split));
        }
        self.kept.store(false, Ordering::SeqCst);
        let withdrawn = self.switch(split.clone());
        if let Err(error) = self.keep(&split).await {
            let (detail, generation) = (source_of(&error), split.generation);
            tracing::error!(%error, detail, %generation, "in force and not kept: a restart would go back to another split");
            self.keep_trying(split);
        }
        Ok(withdrawn)
    }

    fn switch(self: &Arc<Self>, split: Split) -> Vec<(Arc<Version>, u64)> {
        tracing::info!(generation = %split.generation, weights = %split.weights, "split set");
        let (epoch, withdrawn) = self.put_in_force(split);
        self.drain_later(epoch);
        withdrawn
    }

    /// Writes what is in force, or is about to be.
    async fn keep(&self, split: &Split) -> Result<(), StateError> {
        let (state, split) = (Arc::clone(&self.state), split.clone());
        let written = tokio::task::spawn_blocking(move || state.write_split(&split)).await;
        written.expect("writing a file does not panic, and nobody cancels it")?;
        self.kept.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn is_kept(&self) -> bool {
        self.kept.load(Ordering::SeqCst)
    }

    /// Until `split` is kept, or no longer in force.
    fn keep_trying(self: &Arc<Self>, split: Split) {
        let control = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(KEEP_AGAIN_AFTER).await;
                let _one_at_a_time = control.changing.lock().await;
                let in_force = control.router.table().is_some_and(|table| table.split == split);
                if !in_force || control.is_kept() || control.keep(&split).await.is_ok() {
                    return;
                }
            }
        });
    }

    /// Returns the epoch of the new table and the versions it withdraws, with the requests they had open.
    fn put_in_force(&self, split: Split) -> (u64, Vec<(Arc<Version>, u64)>) {
        let before = self.router.table();
        let mut known = self.known();
        let backends: Vec<Backend> = split
            .weights
            .0
            .iter()
            .map(|(version, _)| known.backend(version, &split, self.clock, self.workers))
            .collect();
        let table = self.router.publish(Table::new(split, backends));
        let in_force: Vec<&Arc<Upstream>> = table.backends().flat_map(|backend| &backend.instances).collect();
        for upstream in known.upstreams.values() {
            if upstream.retired_by() == 0 && !in_force.iter().any(|other| Arc::ptr_eq(other, upstream)) {
                upstream.retire(table.epoch);
            }
        }
        let named = |version: &Version| table.backends().any(|backend| backend.version.name == version.name);
        let withdrawn =
            before.iter().flat_map(|table| table.backends()).filter(|backend| !named(&backend.version));
        let withdrawn =
            withdrawn.map(|backend| (Arc::clone(&backend.version), backend.version.open_requests()));
        (table.epoch, withdrawn.collect())
    }

    /// After the drain time, cuts what the table of `epoch` withdrew and nobody has put in force again.
    fn drain_later(self: &Arc<Self>, epoch: u64) {
        let control = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(control.drain).await;
            control.cut(epoch);
        });
    }

    fn cut(&self, epoch: u64) {
        let mut known = self.known();
        let over = |upstream: &Arc<Upstream>| upstream.retired_by() == epoch;
        for upstream in known.upstreams.values().filter(|upstream| over(upstream)) {
            upstream.cut();
        }
        known.upstreams.retain(|_, upstream| !over(upstream));
        known.forget_old_versions();
    }

    /// What is in force, read from what the workers read.
    pub(crate) fn view(&self) -> SplitView {
        let table = self.router.table();
        let split = table.as_ref().map(|table| &table.split);
        let share_of = |name: &VersionName| split.map_or(Share::ZERO, |split| split.weights.share_of(name));
        let last_answer = |version: &Version| version.last_answer_ms().map(|ms| self.clock.timestamp(ms));
        let in_force = table.iter().flat_map(|table| table.backends());
        let versions = in_force
            .map(|Backend { version, .. }| VersionView {
                version: version.name.clone(),
                share: share_of(&version.name),
                open_requests: version.open_requests(),
                requests: version.requests_total(),
                last_answer: last_answer(version),
            })
            .collect::<Vec<_>>();
        let withdrawn = |version: &&Arc<Version>| !versions.iter().any(|view| view.version == version.name);
        let draining = self
            .versions()
            .iter()
            .filter(withdrawn)
            .filter(|version| version.open_requests() > 0)
            .map(|version| Draining {
                version: version.name.clone(),
                open_requests: version.open_requests(),
                last_answer: last_answer(version),
            })
            .collect();
        SplitView {
            generation: split.map(|split| split.generation),
            weights: split.map_or_else(|| Weights(Vec::new()), |split| split.weights.clone()),
            instances: split.map_or_else(Vec::new, |split| split.instances.clone()),
            versions,
            draining,
            withdrawn: Vec::new(),
            kept: self.is_kept(),
            restored: self.restored,
        }
    }

    /// Every version that still has numbers, in force or not.
    pub(crate) fn versions(&self) -> Vec<Arc<Version>> {
        self.known().versions.values().cloned().collect()
    }

    /// Every instance that may have connections.
    pub(crate) fn upstreams(&self) -> Vec<Arc<Upstream>> {
        self.known().upstreams.values().cloned().collect()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn allowed_after(in_force: &Split, split: &Split) -> Result<(), SetSplitError> {
    if split.generation < in_force.generation {
        return Err(SetSplitError::Superseded { asked: split.generation, in_force: in_force.generation });
    }
    // Instances may differ: one that died comes back elsewhere without a new decision.
    if split.generation == in_force.generation && split.weights != in_force.weights {
        return Err(SetSplitError::Reused(split.generation));
    }
    Ok(())
}
