//! What the tests need around the real program: a repository of files, processes and their end, users.
//!
//! Invariant: every process a test starts, and every one those start, works in the test's own directory. So what is
//! left behind can be found by looking at all processes, and is.

pub mod api;
pub mod files;
pub mod nginx;
pub mod processes;
pub mod prometheus;
pub mod server;
pub mod stub;
pub mod users;
pub mod world;

use std::{future::Future, net::TcpListener, time::Duration};

/// How long anything may take before its test fails.
pub const PATIENCE: Duration = Duration::from_secs(45);
const POLL: Duration = Duration::from_millis(5);

/// A port that is free now, on loopback.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Asks until there is an answer; `None` when there was none in time.
pub async fn answer_within<T, F: Future<Output = Option<T>>>(
    limit: Duration,
    ask: impl Fn() -> F,
) -> Option<T> {
    let deadline = tokio::time::Instant::now() + limit;
    loop {
        if let Some(answer) = ask().await {
            return Some(answer);
        }
        if tokio::time::Instant::now() >= deadline {
            return None;
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Waits until `holds`.
pub async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let held = answer_within(PATIENCE, async || holds().then_some(())).await;
    assert!(held.is_some(), "in vain waited for: {what}");
}
