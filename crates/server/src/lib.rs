//! The control plane: the one async loop around the conductor, the executor of effects, the observers, the gate,
//! the offline way back, and how all of it starts and stops.
//!
//! Owns: tasks, time limits, sockets, files of the state directory. Refuses to know: when a release advances or goes
//! back; that is the engine's.
//!
//! ```text
//!  handle ──requests──▶ ┌──────┐ ──todos──▶ executor ──▶ adapters
//!  observers ─blocks──▶ │ loop │ ◀─outcomes─────┘
//!  clock ─────ticks───▶ └──────┘ ──▶ conductor ──▶ store
//! ```
//!
//! Invariant: only the loop touches the conductor, and an effect is performed only after it has been recorded.

pub mod alerts;
pub mod api;
pub mod client;
pub mod clock;
pub mod failure;
pub mod fixed;
pub mod flags;
pub mod handle;
pub mod lifecycle;
pub mod matrix;
pub mod offline;
pub mod overrides;
pub mod plans;
pub mod post_mortem;
pub mod rehearsal;
pub mod runbooks;
pub mod systems;
pub mod telling;
pub mod templates;

mod blueprint_file;
mod executor;
mod gate;
mod loop_;
mod observer;
mod pages;
mod people;
mod private_file;
mod record;
#[cfg(test)]
mod testing;

pub use failure::{Failure, FailureKind};
pub use handle::{Filter, GateAnswer, Handle, Info, Page, PeopleNow, Verification};
pub use overrides::WrittenPostMortem;
pub use people::{PolicyStanding, check_policy};
pub use post_mortem::PostMortemState;
pub use rehearsal::{RehearsalRecord, Rehearsals, Standing};
