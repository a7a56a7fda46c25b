//! What the tests need around the real program: a repository of files, processes and their end, users.
//!
//! Invariant: every process a test starts, and every one those start, works in the test's own directory. So what is
//! left behind can be found by looking at all processes, and is.

pub mod api;
pub mod files;
pub mod gate;
pub mod nginx;
pub mod processes;
pub mod prometheus;
pub mod receiver;
pub mod server;
pub mod stub;
pub mod users;
pub mod world;

use std::{
    future::Future,
    net::TcpListener,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// How long anything may take before its test fails.
pub const PATIENCE: Duration = Duration::from_secs(45);
const POLL: Duration = Duration::from_millis(5);

/// A port that is free now, on loopback. Not one of those that the system gives to outgoing connections: users make
/// many, and one of them could take it before whoever it is for.
pub fn free_port() -> u16 {
    const FIRST: u32 = 18_000;
    const COUNT: u32 = 14_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(7_919);
    loop {
        let offset = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let port = u16::try_from(FIRST + offset).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
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
