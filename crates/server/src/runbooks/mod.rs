//! Runbooks that people run by hand, as the server sees them: their runs join the record, and steps that need somebody else's
//! word get it here.
//!
//! Owns: when journals are looked at, and what an approval is checked against. Refuses to know: how a step is done; that is
//! the runner's, a process of its own that needs no server.
//!
//! Invariant: a journal is put on record once, whether its run had a server beside it or not.

mod approve;
mod catch_up;
mod roles;
#[cfg(test)]
mod tests;

pub use approve::{NewStepApproval, StepApproval};
pub(crate) use catch_up::CatchUp;
pub(crate) use roles::may_answer;
