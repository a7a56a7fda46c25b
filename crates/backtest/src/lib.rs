//! Rules replayed over recorded history: when would each have fired, how long after the onset, how often with
//! nothing wrong.
//!
//! Owns: reading recorded series generously and strictly at once ([`table`], [`columns`], [`trace`]). Refuses to know:
//! files, clocks, sources; text comes in, values go out.
//!
//! The way through: a [`table::Table`] of text, [`trace::read`] makes it a [`trace::Trace`] of blocks.

pub mod baseline;
pub mod candidate;
pub mod chart;
pub mod columns;
pub mod flaw;
pub mod instant;
pub mod replay;
pub mod score;
pub mod table;
pub mod trace;
