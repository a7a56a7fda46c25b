//! The client of the API: one method per route, by unix socket or TCP.
//!
//! Owns: how a route is asked and its answer read. Refuses to know: HTTP servers, terminals, what to do about a
//! failure. [`ClientError::NoServer`] is told apart from everything else, so that a caller can do without a server.
//!
//! One connection per request: people ask rarely, and a connection that was never kept cannot be stale.

mod connection;
mod error;
mod flags;
mod overrides;
mod people;
mod routes;
mod runbooks;
mod watch;

pub use error::ClientError;
pub use routes::Client;
pub use watch::Watch;
