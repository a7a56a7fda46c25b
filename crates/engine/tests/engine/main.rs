//! The state machine from outside: commands, outcomes, samples and time in; facts and effects out.

mod back;
mod blind;
mod commands;
mod forward;
mod offline;
mod properties;
mod replay;
mod rules;
mod support;
