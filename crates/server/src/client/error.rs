//! Why the API gave no answer.

use crate::Failure;

/// Why the API gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there. Nothing was asked, so it can be done without a server.
    #[error("no server at {place}: {reason}")]
    NoServer {
        /// Where it was looked for.
        place: String,
        /// What the system said.
        reason: String,
    },
    /// The server refused or failed, and says why; or it is there and cannot be reached by this user.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The connection broke after the request was sent: what was asked may have happened.
    #[error("the server at {place} went away before it answered: {reason}; what was asked may have happened")]
    Broken {
        /// Which server.
        place: String,
        /// How it showed.
        reason: String,
    },
    /// The answer is not one of this API.
    #[error("the answer of {place} cannot be read: {reason}; is it a Ripcord server of this version?")]
    Unintelligible {
        /// Which server.
        place: String,
        /// What was wrong with it.
        reason: String,
    },
    /// The token cannot be sent.
    #[error("the token has characters that no token has: copy it again, without quotes or line breaks")]
    BadToken,
    /// The address is not one.
    #[error("`{url}` is not the address of a server: {expected}")]
    BadUrl {
        /// The address given.
        url: String,
        /// What was expected.
        expected: &'static str,
    },
}

impl ClientError {
    /// Whether nobody answers there, so that nothing was asked.
    pub fn is_no_server(&self) -> bool {
        match self {
            Self::NoServer { .. } => true,
            Self::Failed(_)
            | Self::Broken { .. }
            | Self::Unintelligible { .. }
            | Self::BadToken
            | Self::BadUrl { .. } => false,
        }
    }
}
