//! A runbook while it runs in this process.
//!
//! Owns: what variables stand for, what secrets are known, how progress is shown and questions are asked. Refuses to
//! know: what is next; that is the runner's.

mod console;
mod keyboard;
mod session;
mod values;

pub(crate) use console::expected;
pub use session::{Session, Shared, not_opened, refused, state, step_id};
