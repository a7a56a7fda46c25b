//! SQL cut into statements, without understanding them.

mod cursor;
mod split;

#[cfg(test)]
mod tests;

pub use split::{Statement, split};
pub(crate) use split::{flaws, needs_no_transaction};
