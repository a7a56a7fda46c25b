//! Through what a request reaches an instance: connections, kept and shared.
//!
//! Refuses to know: versions' shares, users, what a request means.

mod connection;
mod pool;

pub(crate) use connection::{ConnectError, Connection};
pub(crate) use pool::Upstream;
