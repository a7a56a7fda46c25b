//! How a refusal looks: a status code and a [`Failure`] as JSON. And why a listener could not listen.

use std::{io, net::SocketAddr, path::PathBuf};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use super::limits::BODY_BYTES_MAX;
use crate::{Failure, FailureKind};

/// A failure with the status code it travels under.
#[derive(Debug)]
pub struct ApiFailure {
    status: StatusCode,
    failure: Failure,
}

/// What a route answers.
pub type Answer<T> = Result<T, ApiFailure>;

impl ApiFailure {
    /// The request itself is wrong.
    pub fn malformed(code: &str, message: impl Into<String>) -> Self {
        Self::with(StatusCode::BAD_REQUEST, Failure::new(FailureKind::Invalid, code, message))
    }

    /// The body is too large.
    pub fn oversized() -> Self {
        let message =
            format!("the body is larger than {BODY_BYTES_MAX} bytes, which is the most that is read");
        Self::with(
            StatusCode::PAYLOAD_TOO_LARGE,
            Failure::new(FailureKind::Invalid, "body-too-large", message),
        )
    }

    /// Nobody who may come in.
    pub fn unauthorized(message: &str) -> Self {
        let failure = Failure::new(FailureKind::Refused, "unauthorized", message).hinted(
            "send `authorization: Bearer TOKEN` with the token that the server printed at its first start",
        );
        Self::with(StatusCode::UNAUTHORIZED, failure)
    }

    /// Nobody who may say that an alert fires.
    pub fn no_entry(message: &str) -> Self {
        let failure = Failure::new(FailureKind::Refused, "unauthorized", message)
            .hinted("docs/communication.md shows how Alertmanager is set up");
        Self::with(StatusCode::UNAUTHORIZED, failure)
    }

    /// A token that once opened something.
    pub fn token_ended(code: &str, message: &str) -> Self {
        let failure = Failure::new(FailureKind::Forbidden, code, message)
            .hinted("ask an admin for another: ripcord token create NAME");
        Self::with(StatusCode::UNAUTHORIZED, failure)
    }

    /// No route has this path.
    pub fn no_such_route(path: &str) -> Self {
        let failure = Failure::new(FailureKind::NotFound, "no-such-route", format!("nothing is at {path}"))
            .hinted("routes begin with /v1/; see docs/api.md");
        Self::with(StatusCode::NOT_FOUND, failure)
    }

    /// The route has other methods.
    pub fn wrong_method(method: &str, path: &str) -> Self {
        let message = format!("{path} does not take {method}; the `allow` header names what it takes");
        let failure = Failure::new(FailureKind::Invalid, "method-not-allowed", message);
        Self::with(StatusCode::METHOD_NOT_ALLOWED, failure)
    }

    /// The answer was not there in time.
    pub fn timed_out(limit: std::time::Duration) -> Self {
        let message = format!("no answer within {} s; what was asked may still happen", limit.as_secs_f64());
        let failure = Failure::new(FailureKind::Unavailable, "timed-out", message)
            .hinted("look with `ripcord status` before asking again");
        Self::with(StatusCode::SERVICE_UNAVAILABLE, failure)
    }

    /// All watches are taken.
    pub fn too_many_watches(limit: usize) -> Self {
        let message = format!("{limit} watches are open, which is the limit");
        let failure = Failure::new(FailureKind::Unavailable, "too-many-watches", message)
            .hinted("close one, or ask with `ripcord status`");
        Self::with(StatusCode::SERVICE_UNAVAILABLE, failure)
    }

    fn with(status: StatusCode, failure: Failure) -> Self {
        Self { status, failure }
    }
}

impl From<Failure> for ApiFailure {
    fn from(failure: Failure) -> Self {
        let status =
            StatusCode::from_u16(failure.kind.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, failure }
    }
}

impl IntoResponse for ApiFailure {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.failure)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Why a listener could not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another server has the socket.
    #[error("a server already answers at {0}; use it, or stop it first")]
    InUse(PathBuf),
    /// Something else has the name.
    #[error("{0} exists and is not a socket; move it away or choose another state directory")]
    NotASocket(PathBuf),
    /// The system limits the length of socket paths.
    #[error("the socket path {path} has {length} bytes and may have {max}; choose a shorter state directory")]
    PathTooLong {
        /// The path.
        path: PathBuf,
        /// Its length.
        length: usize,
        /// The limit.
        max: usize,
    },
    /// The socket cannot be made.
    #[error("cannot listen on {path}: {source}")]
    Unix {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The address can be reached from other machines.
    #[error(
        "{0} can be reached from other machines, and the token would travel in the clear; listen on 127.0.0.1"
    )]
    BeyondLoopback(SocketAddr),
    /// Flags without keys.
    #[error("{0} can be reached from other machines, and anybody there could read the flags")]
    FlagsBeyondLoopback(SocketAddr),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Tcp {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

impl ListenError {
    /// What to do about it.
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::InUse(_) => "`ripcord status` asks the server that runs there",
            Self::NotASocket(_) | Self::PathTooLong { .. } => {
                "ripcord serve --state DIR   uses another state directory"
            }
            Self::Unix { .. } => "make the state directory writable, or use another with --state DIR",
            Self::BeyondLoopback(_) => {
                "--beyond-loopback   allows it; put something in front that speaks TLS"
            }
            Self::FlagsBeyondLoopback(_) => {
                "`ripcord flag key add NAME` makes a key, --beyond-loopback allows the address; put TLS in front"
            }
            Self::Tcp { .. } => "choose another address with --listen, or stop whoever has this one",
        }
    }
}
