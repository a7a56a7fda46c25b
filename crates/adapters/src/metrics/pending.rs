//! What one arm has counted and the other not yet.

use ripcord_engine::Arms;

use super::{
    arms::MapArms as _,
    grouped::{Grouped, Members},
    tally::{Tallied, Tally},
};

/// Sums waiting to be given out, per arm.
#[derive(Debug, Clone, Default)]
pub(super) struct Pending {
    arms: Arms<Waiting>,
    /// The control's instances apart.
    groups: Grouped,
    began_ms: Option<i64>,
}

#[derive(Debug, Clone, Default)]
struct Waiting {
    sum: Tally,
    /// All events were heard of since the last sums were given out.
    news: bool,
    /// Only one of the two could be asked for: the sums cover different times until both can.
    uneven: bool,
    heard_ms: Option<i64>,
    /// Since when the sums have been waiting.
    since_ms: Option<i64>,
}

/// What moved on one arm since the previous reading.
#[derive(Debug, Clone, Default)]
pub(super) struct Moved {
    pub(super) tallied: Tallied,
    /// The source did not answer for all events.
    pub(super) all_failed: bool,
    /// The source did not answer for some of them: the bad ones, the good ones.
    pub(super) some_failed: bool,
}

/// What both arms counted over the same time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Given {
    pub(super) arms: Arms<Tally>,
    /// The control's groups of instances; `None` when there are none, or they changed.
    pub(super) groups: Option<Vec<Tally>>,
    /// The control's side is missing.
    pub(super) control_was_silent: bool,
}

impl Pending {
    /// Adds what moved, and gives out sums per arm when both arms have counted, or when the control has been silent
    /// for longer than `patience_ms`. Without news of the canary nothing is given out.
    pub(super) fn take(
        &mut self,
        at_ms: i64,
        patience_ms: i64,
        moved: &Arms<Moved>,
        members: &Members,
    ) -> Option<Given> {
        let began_ms = *self.began_ms.get_or_insert(at_ms);
        self.arms.canary.forget_if_older(at_ms, patience_ms);
        if self.arms.control.forget_if_older(at_ms, patience_ms) {
            self.groups.take();
        }
        self.arms.canary.add(at_ms, &moved.canary);
        self.arms.control.add(at_ms, &moved.control);
        self.groups.add(members, moved.control.tallied.by_target.iter());
        if !self.arms.canary.ready() {
            return None;
        }
        let control_since = self.arms.control.heard_ms.unwrap_or(began_ms);
        let control_was_silent = !self.arms.control.ready();
        if control_was_silent && at_ms.saturating_sub(control_since) < patience_ms {
            return None;
        }
        let canary = self.arms.canary.give();
        if control_was_silent {
            let arms = Arms { canary, control: Tally::default() };
            return Some(Given { arms, groups: None, control_was_silent });
        }
        let arms = Arms { canary, control: self.arms.control.give() };
        Some(Given { arms, groups: self.groups.take(), control_was_silent })
    }

    /// Gives out what the control counted by itself: the candidate does not run, and the control is being watched.
    pub(super) fn take_control(&mut self, at_ms: i64, moved: &Moved, members: &Members) -> Option<Given> {
        self.arms.canary = Waiting::default();
        self.arms.control.add(at_ms, moved);
        self.groups.add(members, moved.tallied.by_target.iter());
        if !self.arms.control.ready() {
            return None;
        }
        let arms = Arms { canary: Tally::default(), control: self.arms.control.give() };
        Some(Given { arms, groups: self.groups.take(), control_was_silent: false })
    }
}

impl Waiting {
    fn add(&mut self, at_ms: i64, moved: &Moved) {
        self.sum.add(&moved.tallied.sum);
        if moved.tallied.news {
            self.news = true;
            self.heard_ms = Some(at_ms);
            self.since_ms.get_or_insert(at_ms);
        }
        self.uneven = if moved.all_failed && moved.some_failed {
            self.uneven
        } else {
            moved.all_failed != moved.some_failed
        };
    }

    fn ready(&self) -> bool {
        self.news && !self.uneven
    }

    fn give(&mut self) -> Tally {
        let heard_ms = self.heard_ms;
        std::mem::replace(self, Self { heard_ms, ..Self::default() }).sum
    }

    /// What one arm counted long ago is not comparable with what the other counts now. Uneven sums are kept: the
    /// next answer covers their gap, and would not fit to a new beginning. Says whether it forgot.
    fn forget_if_older(&mut self, at_ms: i64, patience_ms: i64) -> bool {
        let too_old = |since_ms: i64| at_ms.saturating_sub(since_ms) > patience_ms.saturating_add(60_000);
        let forget = !self.uneven && self.since_ms.is_some_and(too_old);
        if forget {
            self.give();
        }
        forget
    }
}

impl Given {
    /// What a function makes of every sum.
    pub(super) fn map<T>(&self, f: impl Fn(&Tally) -> T) -> (Arms<T>, Option<Vec<T>>) {
        let arms = Arms { canary: &self.arms.canary, control: &self.arms.control }.map(&f);
        (arms, self.groups.as_ref().map(|groups| groups.iter().map(&f).collect()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn nothing() -> Moved {
        Moved::default()
    }

    fn some(all: f64, bad: f64) -> Moved {
        let sum = Tally { all, some: bad, buckets: None };
        Moved { tallied: Tallied { sum, news: true, by_target: BTreeMap::new() }, ..Moved::default() }
    }

    fn both(canary: &Moved, control: &Moved) -> Arms<Moved> {
        Arms { canary: canary.clone(), control: control.clone() }
    }

    type Sums = Option<((f64, f64), (f64, f64))>;

    fn sums(given: Option<Given>) -> Sums {
        let Arms { canary, control } = given?.arms;
        Some(((canary.all, canary.some), (control.all, control.some)))
    }

    struct Test(Pending);

    impl Test {
        fn take(&mut self, at_ms: i64, patience_ms: i64, moved: Arms<Moved>) -> Sums {
            sums(self.0.take(at_ms, patience_ms, &moved, &Members::default()))
        }
    }

    #[test]
    fn what_one_arm_counted_waits_for_the_other() {
        let mut pending = Test(Pending::default());
        assert_eq!(pending.take(0, 60_000, both(&some(10.0, 1.0), &nothing())), None);
        assert_eq!(pending.take(1_000, 60_000, both(&nothing(), &nothing())), None);
        let given = pending.take(2_000, 60_000, both(&nothing(), &some(90.0, 2.0)));
        assert_eq!(given, Some(((10.0, 1.0), (90.0, 2.0))));
        let twice = pending.take(3_000, 60_000, both(&nothing(), &some(5.0, 0.0)));
        assert_eq!(twice, None, "nothing is given out twice");
        let given = pending.take(4_000, 60_000, both(&some(1.0, 0.0), &some(4.0, 0.0)));
        assert_eq!(given, Some(((1.0, 0.0), (9.0, 0.0))));
    }

    #[test]
    fn a_silent_control_hides_the_canary_only_so_long() {
        let mut pending = Test(Pending::default());
        let canary = some(10.0, 5.0);
        assert_eq!(pending.take(0, 30_000, both(&canary, &canary)).unwrap().0, (10.0, 5.0));
        assert_eq!(pending.take(15_000, 30_000, both(&canary, &nothing())), None);
        let given = pending.0.take(30_000, 30_000, &both(&canary, &nothing()), &Members::default()).unwrap();
        assert!(given.control_was_silent);
        assert_eq!(sums(Some(given)), Some(((20.0, 10.0), (0.0, 0.0))));
    }

    #[test]
    fn without_a_candidate_the_control_speaks_alone() {
        let mut pending = Test(Pending::default());
        assert_eq!(pending.take(0, 60_000, both(&some(10.0, 1.0), &nothing())), None);
        let alone = pending.0.take_control(1_000, &some(90.0, 2.0), &Members::default());
        assert_eq!(sums(alone), Some(((0.0, 0.0), (90.0, 2.0))));
        assert_eq!(pending.0.take_control(2_000, &nothing(), &Members::default()), None);
    }

    #[test]
    fn a_control_that_waits_too_long_begins_anew() {
        let mut pending = Test(Pending::default());
        let control = some(100.0, 1.0);
        for second in 0..300 {
            assert_eq!(pending.take(second * 1_000, 0, both(&nothing(), &control)), None);
        }
        let given = pending.take(300_000, 0, both(&some(10.0, 0.0), &control)).unwrap();
        assert!(given.1.0 <= 6_200.0, "{given:?}");
    }

    #[test]
    fn both_counters_of_a_ratio_cover_the_same_time() {
        let mut pending = Test(Pending::default());
        let no_bad = Moved { some_failed: true, ..some(100.0, 0.0) };
        let mut no_all = Moved { all_failed: true, ..some(0.0, 2.0) };
        no_all.tallied.news = false;
        let neither = Moved { all_failed: true, some_failed: true, ..Moved::default() };
        let control = some(50.0, 6.0);
        assert_eq!(pending.take(0, 0, both(&no_bad, &control)), None);
        assert_eq!(pending.take(100_000, 0, both(&neither, &control)), None);
        assert_eq!(pending.take(200_000, 0, both(&no_all, &control)), None, "all events are behind now");
        let given = pending.take(201_000, 0, both(&some(70.0, 3.0), &control)).unwrap();
        assert_eq!(given.0, (170.0, 5.0), "however long it took");
    }

    #[test]
    fn groups_cover_the_time_of_their_arm() {
        let members =
            Members::default().after(BTreeSet::from(["a".to_owned(), "b".to_owned()]), &BTreeSet::new());
        let control = |a: f64, b: f64| {
            let mut moved = some(a + b, 0.0);
            let tally = |all: f64| Tally { all, ..Tally::default() };
            moved.tallied.by_target =
                BTreeMap::from([("a".to_owned(), tally(a)), ("b".to_owned(), tally(b))]);
            moved
        };
        let mut pending = Pending::default();
        let groups =
            |given: Option<Given>| Some(given?.groups?.iter().map(|sum| sum.all).collect::<Vec<_>>());
        pending.take(0, 30_000, &both(&some(1.0, 0.0), &control(1.0, 1.0)), &members);
        assert_eq!(pending.take(1_000, 30_000, &both(&nothing(), &control(10.0, 20.0)), &members), None);
        let given = pending.take(2_000, 30_000, &both(&some(1.0, 0.0), &control(1.0, 2.0)), &members);
        assert_eq!(groups(given), Some(vec![11.0, 22.0]));
        assert_eq!(groups(pending.take_control(3_000, &control(5.0, 6.0), &members)), Some(vec![5.0, 6.0]));
        let silent = pending.take(60_000, 30_000, &both(&some(1.0, 0.0), &nothing()), &members).unwrap();
        assert!(silent.control_was_silent && silent.groups.is_none());
    }
}
