//! Ends processes: asks first, waits, then insists. The whole group, so that nothing is left behind.

use std::time::Duration;

use rustix::process::Signal;

use super::records::Record;
use crate::{port::AdapterError, process_table, shell};

const POLL: Duration = Duration::from_millis(20);
/// How long the kernel may take to end a killed process.
const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// Ends all of `records`; returns when none of their processes runs any more.
pub(super) async fn stop(records: &[Record], grace: Duration) -> Result<(), AdapterError> {
    let groups: Vec<i32> = records.iter().flat_map(groups).collect();
    if groups.is_empty() {
        return Ok(());
    }
    signal(&groups, Signal::TERM);
    if gone(&groups, grace).await {
        return Ok(());
    }
    tracing::warn!(?groups, "processes did not stop within {} and are killed", shell::human(grace));
    signal(&groups, Signal::KILL);
    if gone(&groups, KILL_PATIENCE).await {
        return Ok(());
    }
    Err(AdapterError::Transient(format!("process groups {groups:?} are still there after SIGKILL")))
}

/// The groups a record's processes are in. When the leader is gone, what it left behind is known by its token.
fn groups(record: &Record) -> Vec<i32> {
    if let Some(process) = record.process.filter(|_| record.runs()) {
        return vec![process.pid];
    }
    let mut groups: Vec<i32> = record.carriers().iter().map(|stat| stat.group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn signal(groups: &[i32], signal: Signal) {
    groups.iter().for_each(|group| process_table::signal_group(*group, signal));
}

async fn gone(groups: &[i32], patience: Duration) -> bool {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        if !groups.iter().any(|group| process_table::group_runs(*group)) {
            return true;
        }
        if tokio::time::Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(POLL).await;
    }
}
