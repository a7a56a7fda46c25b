//! A control plane inside this process, for commands that need one where none runs.

use std::path::{Path, PathBuf};

use ripcord_server::{client::Client, lifecycle};

use crate::{context::Context, desk, failure::CommandError, surroundings};

/// The socket a server of this state directory listens on.
pub fn socket(state: &Path) -> PathBuf {
    state.join(lifecycle::SOCKET)
}

/// A client, and the control plane behind it when this process hosts it.
pub struct Desk {
    /// Asks.
    pub client: Client,
    hosted: Option<lifecycle::Running>,
}

impl Desk {
    /// The running server, or a control plane of our own.
    pub async fn open(context: &Context) -> Result<Self, CommandError> {
        let client = desk::client(context)?;
        match client.health().await {
            Ok(()) => Ok(Self { client, hosted: None }),
            Err(error) if error.is_no_server() && context.server.is_none() => {
                let mut options = lifecycle::Options::new(context.root()?, context.state()?);
                options.demo = surroundings::is_demo();
                let running = lifecycle::start(options).await.map_err(desk::refused)?;
                Ok(Self { client, hosted: Some(running) })
            }
            Err(error) => Err(desk::failure(context, error)),
        }
    }

    /// Whether the control plane ends with this process.
    pub const fn is_hosted(&self) -> bool {
        self.hosted.is_some()
    }

    /// Ends a hosted control plane; what is under way stays as it is and is taken up at the next start.
    pub async fn close(self) {
        if let Some(running) = self.hosted {
            running.shutdown().await;
        }
    }
}
