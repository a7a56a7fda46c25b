//! Starting, watching and stopping the users.

use std::sync::{Arc, Mutex, PoisonError, atomic::AtomicU64};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    options::{LoadError, LoadOptions},
    recorder::{Answer, Recorder},
    report::Report,
    worker::{Shared, work},
};
use crate::clock::Clock;

/// A running load. Dropping it tears open requests; [`LoadHandle::stop`] lets them end.
pub struct LoadHandle {
    shared: Arc<Shared>,
    workers: JoinSet<()>,
}

/// Starts the users. Must be called within a tokio runtime. A target that does not answer is no error: users fail.
pub fn run(options: LoadOptions) -> Result<LoadHandle, LoadError> {
    let authority = options.check()?;
    let clock = Clock::start();
    let shared = Arc::new(Shared {
        authority,
        clock,
        recorder: Mutex::new(Recorder::new(clock.now_us())),
        next: AtomicU64::new(0),
        stop: CancellationToken::new(),
        options,
    });
    let mut workers = JoinSet::new();
    for _ in 0..shared.options.connections {
        workers.spawn(work(shared.clone()));
    }
    Ok(LoadHandle { shared, workers })
}

impl LoadHandle {
    /// All that was seen so far.
    pub fn report(&self) -> Report {
        self.recorder(|recorder, now_us| recorder.report(now_us))
    }

    /// What was seen since the last call, or since the start.
    pub fn take_window(&self) -> Report {
        self.recorder(|recorder, now_us| recorder.take_window(now_us))
    }

    /// Bad answers and failed requests at `since_us` or later; exact for the newest 65,536 of them.
    pub fn bad_since(&self, since_us: u64) -> u64 {
        self.recorder(|recorder, _| recorder.bad_since(since_us))
    }

    /// The newest answers at `since_us` or later, oldest first; 65,536 at most.
    pub fn answers_since(&self, since_us: u64) -> Vec<Answer> {
        self.recorder(|recorder, _| recorder.answers_since(since_us))
    }

    /// Microseconds since 1970 by the clock of all instants in reports.
    pub fn now_us(&self) -> u64 {
        self.shared.clock.now_us()
    }

    /// Waits until a load with a duration has ended.
    pub async fn finished(mut self) -> Report {
        while self.workers.join_next().await.is_some() {}
        self.report()
    }

    /// Sends nothing more, lets open requests end, and returns all that was seen.
    pub async fn stop(mut self) -> Report {
        self.shared.stop.cancel();
        while self.workers.join_next().await.is_some() {}
        self.report()
    }

    fn recorder<T>(&self, look: impl FnOnce(&mut Recorder, u64) -> T) -> T {
        let mut recorder = self.shared.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        look(&mut recorder, self.shared.clock.now_us())
    }
}
