//! The executor: makes desired states true, one file per kind.
//!
//! Owns: order on one target, time limits, what a panic of an adapter becomes. Refuses to know: what should be true.
//!
//! Invariant: every effect that is handed in comes back as exactly one [`Outcome`], whatever the adapter does.

mod act;
pub(crate) mod data;
mod fault;
pub(crate) mod flag;
pub(crate) mod lane;
mod limit;
mod look;
mod notice;
pub(crate) mod probe;
#[cfg(test)]
mod tests;
pub(crate) mod traffic;
pub(crate) mod trouble;
mod warm;
pub(crate) mod workload;

pub(crate) use act::{Assignment, Executor, guarded};
pub(crate) use notice::send as tell;
