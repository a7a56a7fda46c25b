//! Runbooks: Markdown files that people read and Ripcord executes.
//!
//! Owns: the format of `runbooks/*.md` with places, its blind spots, the variables of its templates, its hashes, and the
//! execution of a runbook as data: a journal of records in, what is next out.
//!
//! Refuses to know: processes, clocks, terminals, the file system. Text and instants come in, values go out.
//!
//! The way through: [`read_runbook`] gives a [`Runbook`] or every mistake in it, [`lint`](mod@lint) finds the blind
//! spots between it, `ripcord.yaml` and a plan, [`execution`] says step by step what is next.
//!
//! Invariant: only marked fences become steps, and what a step executes is, byte for byte, what stands in the file.

mod condition;
mod executed;
pub mod execution;
mod hash;
pub mod lint;
mod parse;
mod role;
mod runbook;
mod step;
mod template;
mod variable;

pub use condition::{InvalidSignalCondition, SignalCondition};
pub use executed::{ExecutedCommand, ExecutedStep, ExecutedVerify};
pub use hash::{ExecutedHash, RunbookHash};
pub use lint::{Named, lint, lint_plan};
pub use parse::read_runbook;
pub use ripcord_model::{RunbookName, StepId};
pub use role::Role;
pub use runbook::{Rehearse, Runbook, Section};
pub use step::{Command, Shell, Step, StepKind, Verify};
pub use template::{MissingValue, Template, Values};
pub use variable::Variable;
