//! Append first, perform after, feed the outcome back: the one place where engine and store meet.
//!
//! Synchronous and without a clock, so that the server's loop and the simulator drive the same code. Effects are
//! handed out to be performed; their outcomes come back as calls.
//!
//! Invariant: nothing is handed out that is not recorded, and a state never runs ahead of the ledger.

mod beside;
mod conductor;
mod error;
mod exception;
mod explain;
mod flags;
mod look;
mod offline;
mod papers;
mod post_mortems;
mod recovery;
mod runbooks;
mod running;
mod segment;

pub use conductor::{Conductor, Todo};
pub use error::ConductorError;
pub use explain::verdicts_again;
pub use flags::ChangeFlagsError;
pub use papers::paper_of;
