//! Observers: one task per release under way, which reads the numbers at the interval of its environment and hands
//! them to the loop.
//!
//! Owns: when numbers are read, and what silence of a source becomes. Refuses to know: what numbers mean.
//!
//! Invariant: an observer never falls silent before its release is over. A source that errs, hangs or panics gives
//! a block in which every signal is missing, so that blindness is seen.

mod baseline;
#[cfg(test)]
mod baseline_tests;
mod counter;
mod reading;
#[cfg(test)]
mod tests;
mod troubles;
mod watch;
mod watched;

pub(crate) use baseline::{PAST_LIMIT, asked, needs_baseline, stretch};
pub(crate) use watch::{Observers, Order};
