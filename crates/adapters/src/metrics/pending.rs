//! What one arm has counted and the other not yet.

use ripcord_engine::Arms;

use super::arms::MapArms as _;

/// Sums waiting to be given out, per arm.
#[derive(Debug, Clone, Default)]
pub(super) struct Pending {
    arms: Arms<Waiting>,
    began_ms: Option<i64>,
    control_was_silent: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Waiting {
    all: f64,
    bad: f64,
    /// All events were heard of since the last sums were given out.
    news: bool,
    /// Only one of the two could be asked for: the sums cover different times until both can.
    uneven: bool,
    heard_ms: Option<i64>,
    /// Since when the sums have been waiting.
    since_ms: Option<i64>,
}

/// What moved on one arm since the previous reading.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moved {
    /// All events.
    pub(super) all: Option<f64>,
    /// Bad events; none is none.
    pub(super) bad: Option<f64>,
    /// The source did not answer for all events.
    pub(super) all_failed: bool,
    /// The source did not answer for bad events.
    pub(super) bad_failed: bool,
}

impl Pending {
    /// Adds what moved, and gives out `(all, bad)` per arm when both arms have counted, or when the control has been
    /// silent for longer than `patience_ms`. Without news of the canary nothing is given out.
    pub(super) fn take(
        &mut self,
        at_ms: i64,
        patience_ms: i64,
        moved: Arms<Moved>,
    ) -> Option<Arms<(f64, f64)>> {
        let began_ms = *self.began_ms.get_or_insert(at_ms);
        self.arms.canary.forget_if_older(at_ms, patience_ms);
        self.arms.control.forget_if_older(at_ms, patience_ms);
        self.arms.canary.add(at_ms, moved.canary);
        self.arms.control.add(at_ms, moved.control);
        if !self.arms.canary.ready() {
            return None;
        }
        let control_since = self.arms.control.heard_ms.unwrap_or(began_ms);
        self.control_was_silent = !self.arms.control.ready();
        if self.control_was_silent && at_ms.saturating_sub(control_since) < patience_ms {
            return None;
        }
        let ready = self.arms.map(|arm| if arm.ready() { (arm.all, arm.bad) } else { (0.0, 0.0) });
        self.arms.canary.clear();
        if !self.control_was_silent {
            self.arms.control.clear();
        }
        Some(ready)
    }

    /// Gives out what the control counted by itself: the candidate does not run, and the control's recovery is being watched.
    pub(super) fn take_control(&mut self, at_ms: i64, moved: Moved) -> Option<Arms<(f64, f64)>> {
        self.arms.canary = Waiting::default();
        self.arms.control.add(at_ms, moved);
        let control = self.arms.control;
        if !control.ready() {
            return None;
        }
        self.arms.control.clear();
        self.control_was_silent = false;
        Some(Arms { canary: (0.0, 0.0), control: (control.all, control.bad) })
    }

    /// Whether the sums given out last lack the control's side.
    pub(super) fn control_was_silent(&self) -> bool {
        self.control_was_silent
    }
}

impl Waiting {
    fn add(&mut self, at_ms: i64, moved: Moved) {
        if let Some(all) = moved.all {
            self.all += all;
            self.news = true;
            self.heard_ms = Some(at_ms);
            self.since_ms.get_or_insert(at_ms);
        }
        self.bad += moved.bad.unwrap_or(0.0);
        self.uneven = if moved.all_failed && moved.bad_failed {
            self.uneven
        } else {
            moved.all_failed != moved.bad_failed
        };
    }

    fn ready(&self) -> bool {
        self.news && !self.uneven
    }

    fn clear(&mut self) {
        *self = Self { heard_ms: self.heard_ms, ..Self::default() };
    }

    /// What one arm counted long ago is not comparable with what the other counts now. Uneven sums are kept: the
    /// next answer covers their gap, and would not fit to a new beginning.
    fn forget_if_older(&mut self, at_ms: i64, patience_ms: i64) {
        let too_old = |since_ms: i64| at_ms.saturating_sub(since_ms) > patience_ms.saturating_add(60_000);
        if !self.uneven && self.since_ms.is_some_and(too_old) {
            self.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Moved = Moved { all: None, bad: None, all_failed: false, bad_failed: false };

    fn some(all: f64, bad: f64) -> Moved {
        Moved { all: Some(all), bad: Some(bad), ..NOTHING }
    }

    fn both(canary: Moved, control: Moved) -> Arms<Moved> {
        Arms { canary, control }
    }

    #[test]
    fn what_one_arm_counted_waits_for_the_other() {
        let mut pending = Pending::default();
        assert_eq!(pending.take(0, 60_000, both(some(10.0, 1.0), NOTHING)), None);
        assert_eq!(pending.take(1_000, 60_000, both(NOTHING, NOTHING)), None);
        let given = pending.take(2_000, 60_000, both(NOTHING, some(90.0, 2.0))).unwrap();
        assert_eq!(given, Arms { canary: (10.0, 1.0), control: (90.0, 2.0) });
        assert!(!pending.control_was_silent());
        assert_eq!(
            pending.take(3_000, 60_000, both(NOTHING, some(5.0, 0.0))),
            None,
            "nothing is given out twice"
        );
        let given = pending.take(4_000, 60_000, both(some(1.0, 0.0), some(4.0, 0.0))).unwrap();
        assert_eq!(given.control, (9.0, 0.0));
    }

    #[test]
    fn a_silent_control_hides_the_canary_only_so_long() {
        let mut pending = Pending::default();
        let canary = some(10.0, 5.0);
        assert_eq!(pending.take(0, 30_000, both(canary, canary)).unwrap().canary, (10.0, 5.0));
        assert_eq!(pending.take(15_000, 30_000, both(canary, NOTHING)), None);
        let given = pending.take(30_000, 30_000, both(canary, NOTHING)).unwrap();
        assert_eq!(given, Arms { canary: (20.0, 10.0), control: (0.0, 0.0) });
        assert!(pending.control_was_silent());
    }

    #[test]
    fn without_a_candidate_the_control_speaks_alone() {
        let mut pending = Pending::default();
        assert_eq!(pending.take(0, 60_000, both(some(10.0, 1.0), NOTHING)), None);
        let alone = Some(Arms { canary: (0.0, 0.0), control: (90.0, 2.0) });
        assert_eq!(pending.take_control(1_000, some(90.0, 2.0)), alone);
        assert_eq!(pending.take_control(2_000, NOTHING), None);
    }

    #[test]
    fn a_control_that_waits_too_long_begins_anew() {
        let mut pending = Pending::default();
        let control = some(100.0, 1.0);
        for second in 0..300 {
            assert_eq!(pending.take(second * 1_000, 0, both(NOTHING, control)), None);
        }
        let given = pending.take(300_000, 0, both(Moved { all: Some(10.0), ..NOTHING }, control)).unwrap();
        assert!(given.control.0 <= 6_200.0, "{given:?}");
    }

    #[test]
    fn both_counters_of_a_ratio_cover_the_same_time() {
        let mut pending = Pending::default();
        let no_bad = Moved { all: Some(100.0), bad_failed: true, ..NOTHING };
        let no_all = Moved { bad: Some(2.0), all_failed: true, ..NOTHING };
        let neither = Moved { all_failed: true, bad_failed: true, ..NOTHING };
        let control = some(50.0, 6.0);
        assert_eq!(pending.take(0, 0, both(no_bad, control)), None);
        assert_eq!(pending.take(100_000, 0, both(neither, control)), None);
        assert_eq!(pending.take(200_000, 0, both(no_all, control)), None, "all events are behind now");
        let given = pending.take(201_000, 0, both(some(70.0, 3.0), control)).unwrap();
        assert_eq!(given.canary, (170.0, 5.0), "however long it took");
    }
}
