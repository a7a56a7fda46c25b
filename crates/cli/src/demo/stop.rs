//! Stopping processes by their id: asked first, killed when they do not listen.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

const POLL: Duration = Duration::from_millis(20);

/// Asks the process to end, waits up to `grace`, then kills it. A process that has ended already is fine.
pub async fn stop(pid: u32, grace: Duration) {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
    // An error means that it has ended, or never was ours.
    let _ended = kill_process(pid, Signal::TERM);
    if !is_gone_within(pid, grace).await {
        let _ended = kill_process(pid, Signal::KILL);
        let _last = is_gone_within(pid, grace).await;
    }
}

async fn is_gone_within(pid: Pid, limit: Duration) -> bool {
    let deadline = tokio::time::Instant::now() + limit;
    loop {
        if test_kill_process(pid).is_err() {
            return true;
        }
        if tokio::time::Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(POLL).await;
    }
}
