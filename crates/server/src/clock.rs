//! The clock port. The only place of the server that asks the operating system what time it is.
//!
//! Invariant: instants never run backwards while a process lives, whatever is done to the wall clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use ripcord_model::{Duration, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The wall clock as it stood at the start, advanced by the monotonic clock since.
#[derive(Debug, Clone)]
pub struct SteadyClock {
    wall_at_start: Timestamp,
    started: Instant,
}

impl SteadyClock {
    /// Reads the wall clock once.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall_ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        Self { wall_at_start: Timestamp::from_ms(wall_ms), started: Instant::now() }
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        let elapsed_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.wall_at_start.plus(Duration::from_ms(elapsed_ms))
    }
}

/// How far a clock that was set back is helped at most. Beyond that somebody repaired a clock that was wrong.
const SET_BACK_MAX: Duration = Duration::from_mins(60);

/// A clock that runs ahead of another one.
struct AheadClock {
    inner: Arc<dyn Clock>,
    ahead: Duration,
}

impl Clock for AheadClock {
    fn now(&self) -> Timestamp {
        self.inner.now().plus(self.ahead)
    }
}

/// `clock`, or one that goes on from `recorded` when the wall clock was set back a little since: instants of the
/// record must not run backwards across a restart.
pub(crate) fn not_before(clock: Arc<dyn Clock>, recorded: Timestamp) -> Arc<dyn Clock> {
    let ahead = recorded.since(clock.now());
    if ahead == Duration::ZERO {
        return clock;
    }
    tracing::warn!("the clock of this machine is {} behind the newest entry of the record", ahead.human());
    if ahead > SET_BACK_MAX { clock } else { Arc::new(AheadClock { inner: clock, ahead }) }
}

/// A clock that moves only when told to.
#[derive(Debug, Clone, Default)]
pub struct ManualClock {
    now_ms: Arc<AtomicI64>,
}

impl ManualClock {
    /// Stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { now_ms: Arc::new(AtomicI64::new(now.as_ms())) }
    }

    /// Moves forward.
    pub fn advance(&self, by: Duration) {
        self.now_ms.fetch_add(i64::try_from(by.as_ms()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.now_ms.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steady_clock_is_near_the_wall_and_never_steps_back() {
        let clock = SteadyClock::start();
        let first = clock.now();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        assert!((wall - first.as_ms()).abs() < 5_000);
        let mut last = first;
        for _ in 0..1_000 {
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
    }

    #[test]
    fn a_clock_that_was_set_back_a_little_goes_on_from_the_record() {
        let wall = ManualClock::at(Timestamp::from_ms(1_000_000));
        let now_after = |recorded_ms: i64| {
            let clock = not_before(Arc::new(wall.clone()), Timestamp::from_ms(recorded_ms));
            clock.now().as_ms()
        };
        assert_eq!(now_after(900_000), 1_000_000);
        assert_eq!(now_after(1_004_000), 1_004_000);
        assert_eq!(now_after(1_000_000 + 3_600_001), 1_000_000, "a repaired clock is believed");
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(Timestamp::from_ms(10));
        let twin = clock.clone();
        twin.advance(Duration::from_ms(5));
        assert_eq!(clock.now(), Timestamp::from_ms(15));
    }
}
