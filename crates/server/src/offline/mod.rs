//! The way back without a server and without a store: one file is read, every step is journaled, and the record
//! catches up at the next start.
//!
//! Owns: the order and repetition of steps, the journal, its absorption. Refuses to know: HTTP, SQLite, signals.
//! The steps are made true by the same code that the server uses.
//!
//! The steps of runbooks that act on real systems come through the same door.
//!
//! Invariant: a step is journaled before it is begun and after it has ended; a journal that cannot be written is
//! reported and never stops the way back.

mod absorb;
mod approval;
mod effects;
mod generation;
mod journal;
mod report;
mod rollback;
mod step;
#[cfg(test)]
mod tests;
mod watch;

pub(crate) use absorb::{Absorbed, absorb_all};
pub use effects::{RunbookEffects, RunbookSystems};
pub use report::{Ending, Progress, Report, Request, StepReport};
pub use rollback::rollback_offline;
