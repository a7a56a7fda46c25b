//! The environment's own edge, asked for what it has counted: every answer a user got, by version and class, with how
//! long it took. Counted there, a retry of the edge's own is no second request, and a request that no instance answered
//! is one.

use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;

use crate::state_file;

/// Where the edge of an environment writes down where it is.
#[derive(Debug, Clone)]
pub(in crate::metrics) struct EdgeAt {
    state: PathBuf,
}

/// `edge.json`, written by the edge when it listens; it says more, which is not needed here.
#[derive(Deserialize)]
struct Whereabouts {
    admin: SocketAddr,
}

impl EdgeAt {
    /// An edge whose state directory is `state`.
    pub(in crate::metrics) fn new(state: PathBuf) -> Self {
        Self { state }
    }

    /// Where it can be asked at the moment, or why it cannot.
    pub(super) fn address(&self) -> Result<SocketAddr, String> {
        match state_file::read::<Whereabouts>(&self.state.join("edge.json")) {
            Ok(Some(found)) => Ok(found.admin),
            Ok(None) => Err("it has never been started".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}
