//! The one place of this crate that asks what time it is.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ripcord_model::Timestamp;

/// A steady clock with a wall time attached once, at start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
    wall_at_start_ms: i64,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall_at_start_ms = i64::try_from(wall.as_millis()).unwrap_or(i64::MAX);
        Self { start: Instant::now(), wall_at_start_ms }
    }

    /// Milliseconds from start to `instant`, at least 1 so that 0 can mean never.
    pub(crate) fn since_start_ms(&self, instant: Instant) -> u64 {
        u64::try_from(instant.saturating_duration_since(self.start).as_millis()).unwrap_or(u64::MAX).max(1)
    }

    /// The instant that lies `since_start_ms` after start.
    pub(crate) fn timestamp(&self, since_start_ms: u64) -> Timestamp {
        Timestamp::from_ms(self.wall_at_start_ms.saturating_add_unsigned(since_start_ms))
    }
}

/// The monotonic present.
pub(crate) fn now() -> Instant {
    Instant::now()
}
