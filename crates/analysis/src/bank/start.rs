//! How the wealth is spread over the moments at which a regression may begin.

use serde::{Deserialize, Serialize};

use crate::{fingerprint::Fingerprint, invalid::InvalidConfig, product};

/// How the wealth is spread over the moments at which a regression may begin.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Start {
    /// All of it on the first block.
    #[default]
    Plain,
    /// `first` on the first block, the rest on every `every`-th later one; so a fault that begins late is caught
    /// nearly as fast as an early one.
    ///
    /// Of the rest, 19 parts of 20 are spread evenly over the starts before block `blocks`. One part is kept
    /// for after them, so that a release which lasts longer than planned is still watched: the `k`-th start gets a
    /// share of `1 / (k (k + 1))` of it times the first such `k`, a series that sums to one and never ends.
    Weighted {
        /// The part bet on the first block, above 0 and below 1.
        first: f64,
        /// Distance between two later starts, in blocks, at least 1.
        every: u32,
        /// How many blocks the test is expected to last, above `every`.
        blocks: u32,
    },
}

impl Start {
    /// The weight of a start just before block `block`, counted from 0.
    pub fn weight(self, block: u64) -> f64 {
        let Self::Weighted { first, every, blocks } = self else {
            return if block == 0 { 1.0 } else { 0.0 };
        };
        if block == 0 {
            return first;
        }
        if !block.is_multiple_of(u64::from(every)) {
            return 0.0;
        }
        let start = block / u64::from(every);
        let planned = planned_starts(every, blocks);
        if start <= planned {
            return (1.0 - first) * (1.0 - product::TAIL) / planned as f64;
        }
        let start = start as f64;
        (1.0 - first) * product::TAIL * (planned + 1) as f64 / (start * (start + 1.0))
    }

    /// The sum of the weights of all starts after block `block`.
    pub fn unspent_after(self, block: u64) -> f64 {
        let Self::Weighted { first, every, blocks } = self else {
            return 0.0;
        };
        let started = block / u64::from(every);
        let planned = planned_starts(every, blocks);
        let rest = if started <= planned {
            let body = (planned - started) as f64 / planned as f64;
            (1.0 - product::TAIL) * body + product::TAIL
        } else {
            product::TAIL * (planned + 1) as f64 / (started as f64 + 1.0)
        };
        (1.0 - first) * rest
    }

    pub(crate) fn check(self) -> Result<Self, InvalidConfig> {
        match self {
            Self::Plain => Ok(self),
            Self::Weighted { first, every, blocks } => {
                let usable = first > 0.0 && first < 1.0 && every >= 1 && blocks > every;
                if usable { Ok(self) } else { Err(InvalidConfig::Start) }
            }
        }
    }

    pub(crate) fn mark(self, fingerprint: Fingerprint) -> Fingerprint {
        match self {
            Self::Plain => fingerprint.with_u64(0),
            Self::Weighted { first, every, blocks } => {
                let starts = fingerprint.with_u64(1).with_f64(first).with_f64(product::TAIL);
                starts.with_u64(u64::from(every)).with_u64(u64::from(blocks))
            }
        }
    }
}

/// How many starts lie after the first and within the plan: the multiples of `every` below `blocks`.
fn planned_starts(every: u32, blocks: u32) -> u64 {
    u64::from((blocks - 1) / every)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTS: [Start; 4] = [
        Start::Plain,
        Start::Weighted { first: 0.5, every: 1, blocks: 240 },
        Start::Weighted { first: 0.3, every: 30, blocks: 240 },
        Start::Weighted { first: 0.3, every: 7, blocks: 100 },
    ];

    #[test]
    fn what_was_spent_and_what_remains_make_one_at_every_block() {
        for start in STARTS {
            let mut spent = 0.0;
            for block in 0..5_000 {
                spent += start.weight(block);
                let remains = start.unspent_after(block);
                assert!((spent + remains - 1.0).abs() < 1e-12, "{start:?} after block {block}");
            }
        }
    }

    #[test]
    fn nearly_all_is_for_the_plan_and_the_rest_never_runs_dry() {
        for start in &STARTS[1..] {
            let Start::Weighted { first, blocks, .. } = *start else { unreachable!() };
            let planned: f64 = (0..u64::from(blocks)).map(|block| start.weight(block)).sum();
            assert!((1.0 - planned - (1.0 - first) * product::TAIL).abs() < 1e-12, "{start:?}");
            for times in [1, 10, 1_000] {
                let late = u64::from(blocks) * times;
                let joins: f64 = (late..2 * late).map(|block| start.weight(block)).sum();
                assert!(joins > 0.3 * start.unspent_after(late), "{start:?} from block {late}");
            }
        }
    }
}
