//! One request over one connection.

use std::{fmt, io, path::PathBuf, time::Duration};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
    time::timeout,
};

use super::error::ClientError;
use crate::{Failure, FailureKind};

/// How long a server may take to accept a connection. One that lives accepts at once.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may take: longer than the server's own limit, so that its reason is heard.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(70);
/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A unix socket.
    Unix(PathBuf),
    /// `HOST:PORT`.
    Tcp(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => path.display().fmt(f),
            Self::Tcp(authority) => write!(f, "http://{authority}"),
        }
    }
}

impl Place {
    /// The place a URL names.
    pub fn from_url(url: &str) -> Result<Self, ClientError> {
        let refused = |expected| ClientError::BadUrl { url: url.to_owned(), expected };
        if url.starts_with("https://") {
            return Err(refused("this client speaks http:// only; use a tunnel that ends on this machine"));
        }
        let expected = "expected http://HOST:PORT without a path";
        let bare = url.strip_prefix("http://").ok_or_else(|| refused(expected))?;
        let authority = bare.strip_suffix('/').unwrap_or(bare);
        let parsed = authority.parse::<http::uri::Authority>().map_err(|_| refused(expected))?;
        if parsed.port_u16().is_none() || authority.contains('@') {
            return Err(refused(expected));
        }
        Ok(Self::Tcp(authority.to_owned()))
    }

    /// The `host` header for it.
    pub fn host(&self) -> &str {
        match self {
            Self::Unix(_) => "ripcord",
            Self::Tcp(authority) => authority,
        }
    }

    /// Sends a request and waits for the head of the answer; refusals come back as failures.
    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, ClientError> {
        let response = match self {
            Self::Unix(path) => {
                self.exchange(self.connect(UnixStream::connect(path)).await?, request).await?
            }
            Self::Tcp(authority) => {
                self.exchange(self.connect(TcpStream::connect(authority)).await?, request).await?
            }
        };
        if response.status().is_success() { Ok(response) } else { Err(self.refusal(response).await) }
    }

    /// Reads the body of an answer.
    pub async fn read<T: DeserializeOwned>(&self, response: Response<Incoming>) -> Result<T, ClientError> {
        let bytes = self.bytes(response).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.unintelligible(&error))
    }

    /// The connection or the answer broke.
    pub fn broken(&self, reason: &impl fmt::Display) -> ClientError {
        ClientError::Broken { place: self.to_string(), reason: reason.to_string() }
    }

    /// The answer makes no sense.
    pub fn unintelligible(&self, reason: &impl fmt::Display) -> ClientError {
        ClientError::Unintelligible { place: self.to_string(), reason: reason.to_string() }
    }

    async fn connect<S>(&self, connecting: impl Future<Output = io::Result<S>>) -> Result<S, ClientError> {
        match timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(self.unreachable(&error)),
            Err(_) => {
                let message = format!("{self} accepts no connection within {} s", CONNECT_TIMEOUT.as_secs());
                Err(Failure::new(FailureKind::Unavailable, "server-overloaded", message).into())
            }
        }
    }

    /// Whether nobody is there, or somebody who cannot be reached from here. Only the former may be done without.
    fn unreachable(&self, error: &io::Error) -> ClientError {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                ClientError::NoServer { place: self.to_string(), reason: error.to_string() }
            }
            io::ErrorKind::PermissionDenied => {
                let message = format!("{self} belongs to another user: {error}");
                let failure = Failure::new(FailureKind::Refused, "not-your-server", message);
                failure.hinted("become the user who runs the server, or use --server with its token").into()
            }
            _ => {
                let message = format!("{self} cannot be reached: {error}");
                Failure::new(FailureKind::Unavailable, "server-unreachable", message).into()
            }
        }
    }

    async fn exchange(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ClientError> {
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|error| self.broken(&error))?;
        // Ends when the answer has been read or dropped; its errors come out of the request.
        tokio::spawn(connection);
        let answered = timeout(ANSWER_TIMEOUT, sender.send_request(request)).await;
        let answered = answered.map_err(|_| self.broken(&"no answer in time"))?;
        answered.map_err(|error| self.broken(&error))
    }

    /// What a refusal says; a refusal that is none of this API's is told as what it is.
    async fn refusal(&self, response: Response<Incoming>) -> ClientError {
        let status: StatusCode = response.status();
        match self.bytes(response).await {
            Ok(bytes) => match serde_json::from_slice::<Failure>(&bytes) {
                Ok(failure) => ClientError::Failed(failure),
                Err(_) => self.unintelligible(&format!("status {status} without a reason")),
            },
            Err(error) => error,
        }
    }

    async fn bytes(&self, response: Response<Incoming>) -> Result<Bytes, ClientError> {
        let read = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect();
        let read =
            timeout(ANSWER_TIMEOUT, read).await.map_err(|_| self.broken(&"the answer stopped half-way"))?;
        read.map(|body| body.to_bytes()).map_err(|error| self.broken(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_host_and_a_port() {
        for (url, expected) in [
            ("http://127.0.0.1:7777", Some("127.0.0.1:7777")),
            ("http://[::1]:7777/", Some("[::1]:7777")),
            ("https://127.0.0.1:7777", None),
            ("127.0.0.1:7777", None),
            ("http://127.0.0.1", None),
            ("http://127.0.0.1:7777/v1", None),
            ("http://me@127.0.0.1:7777", None),
            ("http://127.0.0.1:7777\r\nx: y", None),
        ] {
            let place = Place::from_url(url).ok().map(|place| place.host().to_owned());
            assert_eq!(place.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn only_an_empty_place_is_no_server() {
        let place = Place::Unix(PathBuf::from("/srv/exams/.ripcord/ripcord.sock"));
        for (kind, is_no_server) in [
            (io::ErrorKind::NotFound, true),
            (io::ErrorKind::ConnectionRefused, true),
            (io::ErrorKind::PermissionDenied, false),
            (io::ErrorKind::HostUnreachable, false),
        ] {
            let error = place.unreachable(&io::Error::from(kind));
            assert_eq!(error.is_no_server(), is_no_server, "{kind}: {error}");
            assert!(error.to_string().contains("/srv/exams"), "{error}");
        }
    }
}
