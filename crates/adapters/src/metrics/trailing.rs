//! One histogram signal over its trailing window, on both arms.

use std::collections::VecDeque;

use ripcord_engine::Arms;

use super::{arms::MapArms as _, buckets::Buckets};

/// Parts a window is kept in.
const PARTS: i64 = 30;

/// What is remembered of a histogram signal.
#[derive(Debug)]
pub(super) struct Trailing {
    arms: Arms<Arm>,
}

#[derive(Debug, Clone)]
struct Arm {
    window: Window,
    heard_ms: Option<i64>,
}

/// What one arm's histogram counted over a trailing window.
#[derive(Debug, Clone)]
struct Window {
    part_ms: i64,
    parts: VecDeque<(i64, Buckets)>,
}

impl Trailing {
    /// Nothing yet, over the trailing `window_ms`.
    pub(super) fn new(window_ms: u64) -> Self {
        let window_ms = i64::try_from(window_ms).unwrap_or(i64::MAX);
        let window = Window { part_ms: (window_ms / PARTS).max(1), parts: VecDeque::new() };
        let arm = Arm { window, heard_ms: None };
        Self { arms: Arms { canary: arm.clone(), control: arm } }
    }

    /// Takes in what the buckets counted; nothing on an arm without news.
    pub(super) fn add(&mut self, at_ms: i64, increments: Arms<Option<&Buckets>>) {
        self.arms.canary.add(at_ms, increments.canary);
        self.arms.control.add(at_ms, increments.control);
    }

    /// The quantiles over the window that ends at `at_ms`. An arm that has had no news for longer than `patience_ms`
    /// has none.
    pub(super) fn quantiles(&mut self, at_ms: i64, patience_ms: i64, q: f64) -> Arms<Option<f64>> {
        let Arms { canary, control } = &mut self.arms;
        Arms { canary, control }.map(|arm| arm.quantile(at_ms, patience_ms, q))
    }
}

impl Arm {
    fn add(&mut self, at_ms: i64, increments: Option<&Buckets>) {
        if let Some(increments) = increments {
            self.window.add(at_ms, increments);
            self.heard_ms = Some(at_ms);
        }
    }

    fn quantile(&mut self, at_ms: i64, patience_ms: i64, q: f64) -> Option<f64> {
        let fresh = self.heard_ms.is_some_and(|heard_ms| at_ms.saturating_sub(heard_ms) <= patience_ms);
        if fresh { self.window.quantile(at_ms, q) } else { None }
    }
}

impl Window {
    /// Other bounds than before begin a new window: a quantile from what both have in common could be far off.
    fn add(&mut self, at_ms: i64, increments: &Buckets) {
        let part = at_ms.div_euclid(self.part_ms);
        self.forget_before(part);
        if self.parts.back().is_some_and(|(_, newest)| !newest.fits(increments)) {
            self.parts.clear();
        }
        match self.parts.back_mut() {
            Some((newest, buckets)) if *newest >= part => buckets.add(increments),
            Some(_) | None => self.parts.push_back((part, increments.clone())),
        }
    }

    fn quantile(&mut self, at_ms: i64, q: f64) -> Option<f64> {
        self.forget_before(at_ms.div_euclid(self.part_ms));
        let mut parts = self.parts.iter().map(|(_, buckets)| buckets);
        let mut sum = parts.next()?.clone();
        parts.for_each(|buckets| sum.add(buckets));
        sum.quantile(q)
    }

    fn forget_before(&mut self, newest: i64) {
        while self.parts.front().is_some_and(|(part, _)| newest.saturating_sub(*part) >= PARTS) {
            self.parts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    fn add(trailing: &mut Trailing, at_ms: i64, pairs: &[(f64, f64)]) {
        let buckets = Buckets::of(pairs.iter().copied());
        trailing.add(at_ms, Arms { canary: buckets.as_ref(), control: None });
    }

    fn median(trailing: &mut Trailing, at_ms: i64) -> Option<f64> {
        trailing.quantiles(at_ms, 60_000, 0.5).canary
    }

    #[test]
    fn the_window_forgets() {
        let mut trailing = Trailing::new(30_000);
        add(&mut trailing, 0, &[(1.0, 0.0), (2.0, 10.0), (INF, 10.0)]);
        assert_eq!(median(&mut trailing, 10_000), Some(1.5));
        add(&mut trailing, 20_000, &[(2.0, 30.0), (1.0, 30.0), (INF, 30.0)]);
        assert_eq!(median(&mut trailing, 20_000), Some(2.0 / 3.0), "both parts");
        assert_eq!(median(&mut trailing, 31_000), Some(0.5), "the later one only");
        assert_eq!(median(&mut trailing, 80_000), None);
    }

    #[test]
    fn other_bounds_begin_a_new_window() {
        let mut trailing = Trailing::new(30_000);
        add(&mut trailing, 0, &[(1.0, 1_000.0), (10.0, 1_000.0), (INF, 1_000.0)]);
        add(&mut trailing, 5_000, &[(0.1, 0.0), (10.0, 10.0), (INF, 10.0)]);
        assert_eq!(
            median(&mut trailing, 5_000),
            Some(5.05),
            "nothing of what the old bounds counted is in it"
        );
    }

    #[test]
    fn an_arm_that_fell_silent_has_no_value() {
        let mut trailing = Trailing::new(300_000);
        add(&mut trailing, 0, &[(1.0, 10.0), (INF, 10.0)]);
        assert_eq!(median(&mut trailing, 60_000), Some(0.5));
        assert_eq!(median(&mut trailing, 60_001), None);
    }
}
