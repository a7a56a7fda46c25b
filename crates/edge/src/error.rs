//! Why an edge does not run.

use std::{io, net::SocketAddr};

use crate::state::StateError;

/// Why an edge does not run.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// The users' address cannot be had.
    #[error("listen on {address}: choose another address, or stop what listens there")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The admin address is reachable from elsewhere.
    #[error(
        "serve the admin API on {0}: whoever reaches it moves traffic, so it must be a loopback address like 127.0.0.1:0"
    )]
    AdminNotLoopback(SocketAddr),
    /// The admin address cannot be had.
    #[error("listen on the admin address {address}: choose another one, or stop what listens there")]
    AdminListen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The state directory cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// A thread or its runtime cannot be started, or has ended.
    #[error("run the {name} thread")]
    Thread {
        /// Which.
        name: String,
        /// What the system said.
        source: io::Error,
    },
}
