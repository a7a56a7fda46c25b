//! The thread of the loop, and the task that tells it the time.

use std::{io, thread::JoinHandle, time::Duration};

use ripcord_store::Store;
use tokio::{
    runtime,
    sync::mpsc,
    time::{self, MissedTickBehavior},
};
use tokio_util::task::AbortOnDropHandle;

use super::{core::Core, message::Message};

/// A running loop. Dropping it does not end the loop; [`Message::Shutdown`] does.
pub(crate) struct LoopHandle {
    thread: JoinHandle<()>,
    _ticks: AbortOnDropHandle<()>,
}

impl LoopHandle {
    /// Waits until the loop has ended. Blocking.
    pub(crate) fn join(self) -> std::thread::Result<()> {
        self.thread.join()
    }
}

/// Starts the loop on `core`.
pub(crate) fn start<S: Store + 'static>(
    mut core: Core<S>,
    mut receiver: mpsc::Receiver<Message>,
    tick: Duration,
) -> io::Result<LoopHandle> {
    let ticks = AbortOnDropHandle::new(core.runtime.spawn(tell_time(core.sender.clone(), tick)));
    let runtime: runtime::Handle = core.runtime.clone();
    let thread = std::thread::Builder::new().name("ripcord-loop".to_owned()).spawn(move || {
        let _entered = runtime.enter();
        core.take_up();
        let mut end = None;
        while let Some(message) = receiver.blocking_recv() {
            match message {
                Message::Request(request) => core.answer(request),
                Message::Outcome { release, generation, outcome } => {
                    core.outcome(release, generation, outcome)
                }
                Message::Block { release, block } => core.block(release, block),
                Message::News(news) => core.news(*news),
                Message::Tick => core.tick(),
                Message::Shutdown(done) => {
                    end = Some(done);
                    break;
                }
            }
        }
        // The store must be closed before anybody is told that the loop has ended.
        drop(core);
        drop(receiver);
        if let Some(end) = end {
            let _ = end.send(());
        }
    })?;
    Ok(LoopHandle { thread, _ticks: ticks })
}

async fn tell_time(sender: mpsc::Sender<Message>, tick: Duration) {
    let mut interval = time::interval(tick.max(Duration::from_millis(1)));
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        // A loop that has not come to the last tick yet needs no further one.
        if let Err(mpsc::error::TrySendError::Closed(_)) = sender.try_send(Message::Tick) {
            return;
        }
    }
}
