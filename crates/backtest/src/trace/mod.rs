//! A recorded series as the engine would have seen it: one block after the other.
//!
//! Owns: order, numbers, gaps, missing cells, and where something is known to have been wrong. Refuses to know:
//! rules.
//!
//! Invariants: blocks are in the order of time and their numbers grow; what is missing is `None`, never zero;
//! spans do not overlap.

mod cell;
mod marks;
mod order;
mod read;

use ripcord_engine::{Arms, Groups, Sample};
use ripcord_model::{Duration, Timestamp};
use serde::Serialize;

pub use marks::{Mark, MarkError};
pub use read::{Options, Unreadable, read};

/// A recorded series.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// What was measured.
    pub kind: Kind,
    /// Whether there is something to compare with.
    pub has_control: bool,
    /// What the blocks' instants mean.
    pub clock: Clock,
    /// The usual time between two blocks: the median.
    pub step: Duration,
    /// The blocks, in order.
    pub steps: Vec<Step>,
    /// Where something is known to have been wrong, in order; `None` when nobody said.
    pub wrong: Option<Vec<Span>>,
    /// How the file was treated.
    pub treatment: Treatment,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Bad ones among all.
    Ratio,
    /// Good ones among all; less is worse.
    Success,
    /// How often something happened, over how much it could have.
    Count,
    /// A quantile with its histogram.
    Quantile,
    /// A value that goes up and down.
    Value,
}

/// What the blocks' instants mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// Instants as recorded.
    Recorded,
    /// The file has numbers only; blocks are taken to be one step apart.
    Assumed,
}

/// One block of the series.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its number; a row's own where it has one.
    pub seq: u64,
    /// When it was taken.
    pub at: Timestamp,
    /// What was measured; `None` when nothing was.
    pub sample: Option<Sample>,
    /// What the control's instances said apart.
    pub groups: Option<Groups>,
    /// Requests, where they are known.
    pub requests: Arms<u64>,
}

/// A stretch of blocks by index, from the first up to and including the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The first block.
    pub first: usize,
    /// The last block.
    pub last: usize,
}

/// How the rows of a file were treated; everything that was not taken as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Treatment {
    /// Rows of the file.
    pub rows: usize,
    /// Rows left out by `--where`, `--from` and `--to`.
    pub left_out: usize,
    /// Rows whose instant or number was there already; the first one counts.
    pub duplicates: usize,
    /// Rows that stood before an earlier one; put in order.
    pub reordered: usize,
    /// Rows in which a measured cell is empty or not a number; they say nothing about it.
    pub missing: usize,
    /// Pauses of more than three steps.
    pub gaps: usize,
    /// The longest pause.
    pub longest_gap_ms: u64,
    /// Columns that were not looked at.
    pub unused_columns: Vec<String>,
}

impl Span {
    /// Whether a block lies in it.
    pub fn contains(self, index: usize) -> bool {
        (self.first..=self.last).contains(&index)
    }

    /// How many blocks it has.
    pub fn blocks(self) -> usize {
        self.last - self.first + 1
    }
}

impl Trace {
    /// How long nothing may be heard until a violation ends: three steps, and two minutes at least.
    pub fn patience(&self) -> Duration {
        Duration::from_ms((3 * self.step.as_ms()).max(120_000))
    }

    /// The span from the first block to the last.
    pub fn length(&self) -> Duration {
        match (self.steps.first(), self.steps.last()) {
            (Some(first), Some(last)) => last.at.since(first.at),
            (_, _) => Duration::ZERO,
        }
    }

    /// The value of a block on both sides, as people see it: a rate, or the value itself.
    pub fn values(&self, index: usize) -> Arms<Option<f64>> {
        let Some(sample) = &self.steps[index].sample else { return Arms::default() };
        match sample {
            Sample::Counts(arms) => {
                let rate = |counts: ripcord_engine::Counts| {
                    let bad = counts.bad as f64 / counts.n as f64;
                    (counts.n > 0).then_some(if self.kind == Kind::Success { 1.0 - bad } else { bad })
                };
                Arms { canary: rate(arms.canary), control: rate(arms.control) }
            }
            Sample::Events(arms) => Arms { canary: Some(arms.canary), control: Some(arms.control) },
            Sample::Exposed(arms) => {
                let rate = |side: ripcord_engine::Exposed| {
                    (side.exposure > 0.0).then(|| side.events / side.exposure)
                };
                Arms { canary: rate(arms.canary), control: rate(arms.control) }
            }
            Sample::Values(arms) => *arms,
            Sample::Histogram(histogram) => histogram.values,
        }
    }

    /// Index of the first block not before `at`.
    pub fn index_at(&self, at: Timestamp) -> Option<usize> {
        let index = self.steps.partition_point(|step| step.at < at);
        (index < self.steps.len()).then_some(index)
    }
}

#[cfg(test)]
mod tests;
