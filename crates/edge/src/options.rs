//! What a running edge is told at its start, and the limits it keeps.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ripcord_model::blueprint::Sticky;

/// What a running edge is told at its start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where users connect. Port 0 chooses a free one, see [`crate::EdgeFile`].
    pub listen: SocketAddr,
    /// The admin address, loopback only; `None` chooses a free port on 127.0.0.1.
    pub admin: Option<SocketAddr>,
    /// Where the split and the edge's own address are kept.
    pub state_dir: PathBuf,
    /// What keeps one user on one version.
    pub sticky: Sticky,
    /// Whether `x-ripcord-version: v2` in a request picks a configured version.
    pub forced_versions: bool,
    /// How long a withdrawn version, or a stopping edge, may finish its open requests.
    pub drain: Duration,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// How much of what.
    pub limits: Limits,
}

impl Options {
    /// Everything at its default: no stickiness, ten seconds to drain.
    pub fn new(listen: SocketAddr, state_dir: impl Into<PathBuf>) -> Self {
        Self {
            listen,
            admin: None,
            state_dir: state_dir.into(),
            sticky: Sticky::None,
            forced_versions: true,
            drain: Duration::from_secs(10),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
        }
    }
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection to an instance.
    pub connect: Duration,
    /// For the head of an answer, counted from the last byte of the request.
    pub response_head: Duration,
    /// Between two pieces of a body, in either direction.
    pub body_idle: Duration,
    /// For the head of a request; also how long a client's connection may lie idle between requests.
    pub client_head: Duration,
    /// How long an idle connection to an instance is kept. Shorter than what servers usually allow (Node.js: 5 s),
    /// so that it is the edge that closes first and no request meets a connection just being closed.
    pub upstream_idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            response_head: Duration::from_secs(60),
            body_idle: Duration::from_secs(60),
            client_head: Duration::from_secs(30),
            upstream_idle: Duration::from_secs(4),
        }
    }
}

/// How much of what.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest request body, in bytes; more is answered with 413.
    pub request_body_bytes: u64,
    /// The largest head of a request or an answer, in bytes; at least 8,192. More is answered with 431, or 502.
    pub head_bytes: usize,
    /// Connections of users at a time; more wait in the kernel's queue.
    pub connections: usize,
    /// Threads that carry traffic; 0 is one per processor.
    pub workers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { request_body_bytes: 64 << 20, head_bytes: 64 << 10, connections: 10_000, workers: 0 }
    }
}

impl Limits {
    /// How many threads will carry traffic.
    pub(crate) fn worker_count(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(2, usize::from).min(64),
            wanted => wanted.min(256),
        }
    }
}
