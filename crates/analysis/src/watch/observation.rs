//! What one block says to a test.

use crate::{counts::Counts, exposure::Exposure};

/// What one block says to a test: differences since the previous block, or values now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Observation<'a> {
    /// Events and bad events per arm. Tests of one arm look at the canary only.
    Counts {
        /// On the candidate.
        canary: Exposure,
        /// On last good.
        control: Exposure,
    },
    /// A gauge on both arms, now. NaN stands for no value.
    Values {
        /// On the candidate.
        canary: f64,
        /// On last good.
        control: f64,
    },
    /// Increments of a classic histogram.
    Buckets {
        /// Upper bounds, growing and finite.
        bounds: &'a [f64],
        /// Observations per bucket, not cumulative, one more than bounds.
        canary: &'a [u64],
        /// As `canary`, on last good.
        control: &'a [u64],
    },
    /// The difference itself, for the test of signs: canary minus control, in whatever unit.
    Difference(f64),
}

impl Observation<'_> {
    /// Plain counts of both arms.
    pub fn counts(canary: Counts, control: Counts) -> Self {
        Self::Counts { canary: canary.into(), control: control.into() }
    }

    /// What it is, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Counts { .. } => "counts",
            Self::Values { .. } => "values",
            Self::Buckets { .. } => "a histogram",
            Self::Difference(_) => "a difference",
        }
    }
}
