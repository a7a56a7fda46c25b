//! Rehearsals on the server: their traffic and its account, their names, and what the record says about them.
//!
//! Owns: that staging has users while a rehearsal runs, and what the newest result is worth now. Refuses to know: when
//! the way back begins and whether it worked; that is the engine's.

mod account;
mod begin;
mod book;
mod confirmed;
mod schedule;
#[cfg(test)]
mod tests;
mod traffic;

pub(crate) use account::TrafficAccounts;
pub(crate) use begin::{RehearsalRequest, about, bind};
pub(crate) use book::{RehearsalBook, budget, stands};
pub use book::{RehearsalRecord, Rehearsals, Standing};
pub use confirmed::{ConfirmedTime, confirmed_time};
pub(crate) use schedule::{Freshness, LookedAfter, Schedule};
pub(crate) use traffic::Visits;
