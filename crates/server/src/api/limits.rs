//! A limit on everything that a caller could make long, large or many.

use std::time::Duration;

/// The largest request body, in bytes. The largest sensible one, a command with a long reason, has a few hundred.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// The largest request head, in bytes.
pub const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Time between two events of a watch: two per second at most.
pub const WATCH_PAUSE: Duration = Duration::from_millis(500);
/// How often a watch looks again when nothing was announced, for what changes by the passing of time.
pub const WATCH_REFRESH: Duration = Duration::from_secs(1);
/// After so many refreshes without news a watch sends a comment, so that nobody on the way closes it.
pub const WATCH_REFRESHES_PER_KEEP_ALIVE: u32 = 15;

/// Limits of one listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a request may take, body included. The gate's probes are the slowest answer there is.
    pub request_timeout: Duration,
    /// How long a client may take to send the head of a request, and how long an idle connection is kept.
    pub head_timeout: Duration,
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// Watches at a time; more are refused, so that they cannot take all connections.
    pub watches: usize,
    /// How long open requests may take to end when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(60),
            head_timeout: Duration::from_secs(10),
            connections: 256,
            watches: 64,
            drain: Duration::from_secs(5),
        }
    }
}
