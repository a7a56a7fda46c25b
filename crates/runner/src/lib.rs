//! Executes runbooks: starts their scripts, asks people, keeps a journal, measures every step.
//!
//! Owns: processes and their bounds, the journal on disk, the lock between two people, the loop that carries out what
//! [`ripcord_runbook::execution`] says is next. Refuses to know: how a flag is switched or traffic moved
//! ([`effects::Effects`]), and how a terminal looks ([`console::Console`]); both are ports.
//!
//! The way through: [`journal::Journal::begin`] or [`journal::Journal::open`], then [`run()`], which is the same for
//! both. Without people ([`console::NoConsole`]) a run ends where one is needed.
//!
//! Invariant: whatever is begun is in the journal, on the disk, before it begins.

mod clock;
pub mod console;
pub mod effects;
pub mod journal;
mod options;
pub mod process;
mod report;
mod run;

pub use clock::wall;
pub use console::Event;
pub use options::{Decision, Options};
pub use report::{Ending, RunReport, StepReport};
pub use run::{RunError, ready, run};
