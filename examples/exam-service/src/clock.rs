//! The only place that reads a clock: the wall once, then monotonic time on top, so that differences are true.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A clock that never goes back.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    wall_at_start_us: u64,
    started: Instant,
}

impl Clock {
    /// Reads the wall clock once.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall_at_start_us = u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX / 2);
        Self { wall_at_start_us, started: Instant::now() }
    }

    /// Microseconds since 1970, UTC.
    pub fn now_us(&self) -> u64 {
        self.wall_at_start_us + self.elapsed_us()
    }

    /// Microseconds since the clock was started.
    pub fn elapsed_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX / 2)
    }

    /// The instant `us` microseconds after the clock was started, for timers.
    pub fn instant_at(&self, us: u64) -> tokio::time::Instant {
        tokio::time::Instant::from_std(self.started) + std::time::Duration::from_micros(us)
    }
}
