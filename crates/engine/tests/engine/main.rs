//! The state machine from outside: commands, outcomes, samples and time in; facts and effects out.

mod advance;
mod alert;
mod back;
mod bad_input;
mod blind;
mod commands;
mod evidence;
mod forward;
mod mad;
mod offline;
mod properties;
mod rehearsal;
mod replay;
mod rules;
mod shapes;
mod support;
