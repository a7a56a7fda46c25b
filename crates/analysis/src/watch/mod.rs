//! The one facade over every test: frozen parameters in, blocks in, evidence out.
//!
//! [`TestConfig`] and [`TestState`] are one test; [`WatchConfig`] and [`WatchState`] are one signal's rule watched, its
//! test for harm and for safety together. Both kinds of state are pure, of constant size, and are fed one
//! [`Observation`] per block.
//!
//! Invariants: a block number not above the last is ignored; what is refused changes nothing; a state read back goes
//! on exactly, bit for bit, as the one that was written.

mod groups;
mod noise;
mod observation;
mod precision;
mod test;
mod test_config;
mod test_state;
mod watched;

pub use crate::combine::{combine, culprits};
pub use crate::{
    dispersion::{GROUPS_MAX, prudent_variance},
    guard::GuardConfig,
    interval::Interval,
};
pub use groups::GroupCounts;
pub use observation::Observation;
pub use test_config::TestConfig;
pub use test_state::TestState;
pub use watched::{WatchConfig, WatchState};
