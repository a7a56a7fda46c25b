//! From values to text: what people read in a terminal.
//!
//! Owns: wording, tables, wrapping at 80 columns, colour. Refuses to know: where values come from and where the
//! text goes. Every function here is pure; the same value gives the same text.

pub mod backtest;
pub mod event;
pub mod evidence;
pub mod freeze;
pub mod gate;
pub mod layout;
pub mod ledger;
pub mod look;
pub mod messages;
pub mod metrics;
pub mod papers;
pub mod people;
pub mod plan;
pub mod postmortem;
pub mod progress;
pub mod rehearsal;
pub mod releases;
pub mod run;
pub mod runbook;
pub mod status;
pub mod words;

#[cfg(test)]
pub mod samples;

pub use look::{Look, Tone};
