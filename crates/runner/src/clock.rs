//! The two clocks of a run: one that nobody sets, for durations, and the one on the wall, for people.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ripcord_model::{Duration, Timestamp};

/// The instant on the wall's clock. It may jump.
pub fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// How long a run has taken, counted on from what its journal says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elapsed {
    base: Duration,
    since: Instant,
}

impl Elapsed {
    pub(crate) fn from(base: Duration) -> Self {
        Self { base, since: Instant::now() }
    }

    pub(crate) fn now(&self) -> Duration {
        let passed = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        Duration::from_ms(self.base.as_ms().saturating_add(passed))
    }
}
