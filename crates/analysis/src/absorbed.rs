//! What became of a block.

use crate::fingerprint::Fingerprint;

/// What became of a block that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absorbed {
    /// It counted.
    Counted,
    /// Its number is not above the last one; nothing has changed.
    Ignored,
    /// It said nothing, as an arm without events does; the evidence is what it was, but time went on.
    Nothing,
}

/// Why a block was refused. Nothing has changed then, and the same number may be offered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Changing bets, weights, margins or edges after data were seen voids the guarantee.
    #[error(
        "evidence collected under configuration {state} cannot go on under configuration {config}: keep the \
         parameters a release began with"
    )]
    OtherConfig {
        /// What the state was made with.
        state: Fingerprint,
        /// What was offered.
        config: Fingerprint,
    },
    /// The state was damaged where it was stored.
    #[error("the stored evidence does not fit its configuration: read the blocks again from the first")]
    Damaged,
    /// Counts for a gauge, a value for a ratio, and the like.
    #[error("a block of {got} is not what this test takes: expected {expected}")]
    WrongKind {
        /// What the test takes.
        expected: &'static str,
        /// What it was given.
        got: &'static str,
    },
    /// Something that is no amount.
    #[error("an amount is not usable: expected numbers from 0 to 1e30, neither NaN nor infinite")]
    NotAnAmount,
    /// A value that is no number.
    #[error("a value is not usable: expected a finite number")]
    NotANumber,
    /// A share above one.
    #[error(
        "more bad events than events: expected at most as many; are the two counters of the same requests?"
    )]
    MoreBadThanAll,
    /// The source changed its buckets.
    #[error("the histogram has other bucket bounds than at first: keep the buckets a release began with")]
    OtherBounds,
    /// Not a histogram.
    #[error("not a histogram: expected growing finite bounds and, on both arms, one count more than bounds")]
    NotAHistogram,
}
