//! The one loop: it alone owns the conductor, so facts are recorded in one order.

mod message;

pub(crate) use message::{Message, Reply, Request};
