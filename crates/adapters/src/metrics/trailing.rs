//! One histogram signal over its trailing window, on both arms.

use ripcord_engine::Arms;

use super::{arms::MapArms as _, histogram::TrailingBuckets};

/// What is remembered of a histogram signal.
#[derive(Debug)]
pub(super) struct Trailing {
    arms: Arms<Arm>,
}

#[derive(Debug, Clone)]
struct Arm {
    buckets: TrailingBuckets,
    heard_ms: Option<i64>,
}

impl Trailing {
    /// Nothing yet, over the trailing `window_ms`.
    pub(super) fn new(window_ms: u64) -> Self {
        let arm = Arm { buckets: TrailingBuckets::new(window_ms), heard_ms: None };
        Self { arms: Arms { canary: arm.clone(), control: arm } }
    }

    /// Takes in what the buckets counted, and gives the quantiles. An arm without news has no value, except that
    /// beside news of the other its last ones count for `patience_ms`.
    pub(super) fn quantiles(
        &mut self,
        at_ms: i64,
        patience_ms: i64,
        q: f64,
        increments: Arms<Option<&[(f64, f64)]>>,
    ) -> Arms<Option<f64>> {
        let Arms { canary, control } = &mut self.arms;
        canary.add(at_ms, increments.canary);
        control.add(at_ms, increments.control);
        if increments.canary.is_none() && increments.control.is_none() {
            return Arms::default();
        }
        Arms { canary, control }.map(|arm| arm.quantile(at_ms, patience_ms, q))
    }
}

impl Arm {
    fn add(&mut self, at_ms: i64, increments: Option<&[(f64, f64)]>) {
        if let Some(increments) = increments {
            self.buckets.add(at_ms, increments);
            self.heard_ms = Some(at_ms);
        }
    }

    fn quantile(&mut self, at_ms: i64, patience_ms: i64, q: f64) -> Option<f64> {
        let fresh = self.heard_ms.is_some_and(|heard_ms| at_ms.saturating_sub(heard_ms) <= patience_ms);
        if fresh { self.buckets.quantile(at_ms, q) } else { None }
    }
}
