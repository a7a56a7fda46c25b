//! A script's processes, ended as a whole: its process group, and every other group of its session.

use std::{collections::BTreeSet, time::Duration};

use ripcord_adapters::process_table;
use rustix::process::Signal;
use tokio::time::{self, Instant};

/// The environment variable by which the processes of a run are recognised after its runner was killed.
pub const MARKER: &str = "RIPCORD_RUN_ID";

/// How often the kernel is asked whether they are gone.
const POLL: Duration = Duration::from_millis(10);
/// How long killed processes may take to be gone before nobody waits for them any more.
const AFTER_KILL: Duration = Duration::from_secs(2);

/// The processes of one script. Killed when it is dropped before they were ended.
pub(super) struct Group {
    leader: Option<i32>,
}

impl Group {
    pub(super) fn led_by(pid: Option<u32>) -> Self {
        Self { leader: pid.and_then(|pid| i32::try_from(pid).ok()) }
    }

    pub(super) fn signal(&self, signal: Signal) {
        self.leader.iter().for_each(|leader| self::signal(&groups_of(*leader), signal));
    }

    /// Ends what is left of it, and says whether anything was.
    pub(super) async fn end(mut self, grace: Duration) -> bool {
        let Some(leader) = self.leader.take() else { return false };
        end(|| groups_of(leader), grace).await
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

fn groups_of(leader: i32) -> BTreeSet<i32> {
    process_table::of_group_or_session(leader).into_iter().map(|stat| stat.group).collect()
}

fn signal(groups: &BTreeSet<i32>, signal: Signal) {
    groups.iter().for_each(|group| process_table::signal_group(*group, signal));
}

/// Asks groups to end, kills them after `grace`, and says whether there was anything to end.
async fn end(groups: impl Fn() -> BTreeSet<i32>, grace: Duration) -> bool {
    let found = groups();
    signal(&found, Signal::TERM);
    if !gone_within(&groups, grace).await {
        signal(&groups(), Signal::KILL);
        gone_within(&groups, AFTER_KILL).await;
    }
    !found.is_empty()
}

async fn gone_within(groups: &impl Fn() -> BTreeSet<i32>, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while !groups().is_empty() {
        if Instant::now() >= deadline {
            return false;
        }
        time::sleep(POLL).await;
    }
    true
}

/// Ends every process that still carries the [`MARKER`] `id`: what a runner that was killed has left behind. Returns
/// whether there was any.
pub async fn end_leftovers(id: &str, grace: Duration) -> bool {
    let mark = format!("{MARKER}={id}");
    let marked = || process_table::with_environment(&mark).into_iter().map(|stat| stat.group).collect();
    end(marked, grace).await
}
