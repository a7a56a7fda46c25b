//! The API from outside, over real sockets, with a scripted loop behind the handle.

mod client;
mod docs;
mod doors;
mod limits;
mod routes;
mod watch;
pub(crate) mod wire;
pub(crate) mod world;
