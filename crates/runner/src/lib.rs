//! Executes runbooks: starts their scripts, asks people, keeps a journal, measures every step.
//!
//! Owns: processes and their bounds, the journal on disk, the lock between two people, the loop that carries out what
//! [`ripcord_runbook`] says is next. Refuses to know: how a flag is switched or traffic moved, and how a terminal
//! looks; both are ports.
//!
//! Invariant: whatever is begun is in the journal, on the disk, before it begins.

pub mod process;
