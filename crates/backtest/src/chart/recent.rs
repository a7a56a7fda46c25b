//! Rates over the trailing window, as thresholds see them; values as they are.

use std::collections::VecDeque;

use ripcord_engine::{Arms, Sample};
use ripcord_model::{Duration, Timestamp};

use crate::trace::{Kind, Trace};

/// Sums over the trailing window.
#[derive(Debug)]
pub(super) struct Recent {
    window: Duration,
    blocks: VecDeque<(Timestamp, Arms<Sums>)>,
    sums: Arms<Sums>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    all: f64,
    part: f64,
}

impl Recent {
    pub(super) fn new(window: Duration) -> Self {
        Self { window, blocks: VecDeque::new(), sums: Arms::default() }
    }

    /// The values to be drawn at a block.
    pub(super) fn next(&mut self, trace: &Trace, index: usize) -> Arms<Option<f64>> {
        let step = &trace.steps[index];
        let Some(sums) = step.sample.as_ref().and_then(sums) else { return trace.values(index) };
        self.blocks.push_back((step.at, sums));
        self.add(sums, 1.0);
        while let Some((at, old)) = self.blocks.front().copied()
            && step.at.since(at) >= self.window
            && self.blocks.len() > 1
        {
            self.blocks.pop_front();
            self.add(old, -1.0);
        }
        let rate = |sums: Sums| {
            let rate = sums.part / sums.all;
            (sums.all > 0.5).then_some(if trace.kind == Kind::Success { 1.0 - rate } else { rate })
        };
        Arms { canary: rate(self.sums.canary), control: rate(self.sums.control) }
    }

    fn add(&mut self, block: Arms<Sums>, sign: f64) {
        for (sum, block) in [(&mut self.sums.canary, block.canary), (&mut self.sums.control, block.control)] {
            sum.all += sign * block.all;
            sum.part += sign * block.part;
        }
    }
}

/// Only counts of whole events add up without a rest when they are taken away again.
fn sums(sample: &Sample) -> Option<Arms<Sums>> {
    match sample {
        Sample::Counts(arms) => {
            let of = |counts: ripcord_engine::Counts| Sums { all: counts.n as f64, part: counts.bad as f64 };
            Some(Arms { canary: of(arms.canary), control: of(arms.control) })
        }
        Sample::Events(_) | Sample::Exposed(_) | Sample::Values(_) | Sample::Histogram(_) => None,
    }
}
