//! A runbook's execution as data: records in, what is next out.
//!
//! Owns: what a journal may hold, in which order, and what follows from it. Refuses to know: who writes it to a disk,
//! who runs the scripts, what time it is.
//!
//! ```text
//! pending ── started ──→ running ── ended ──→ ran ── verified ──→ done
//!    │                     │  │                │
//!    │ skipped             │  └── ended badly ─┴── not verified ──→ failed ── started again, confirmed ──→ running
//!    ▼                     │ resumed
//! skipped                  └──→ interrupted ── idempotent: started again; otherwise confirmed first ──→ running
//! ```
//!
//! Invariant: writing a run down as it happens and reading its journal after a crash go through the same
//! [`Execution::record`], so both see the same state.

mod journal;
mod next;
mod refusal;
mod rules;
mod state;
mod summary;
mod timing;

#[cfg(test)]
mod tests;

pub use journal::{Answer, Choice, Entry, FORMAT, Header, Outcome, Record};
pub use next::Next;
pub use refusal::Refusal;
pub use state::{Execution, Phase};
pub use summary::summary;
pub use timing::{StepTiming, Timing};
