//! What the edge answers itself: a status and a small JSON body.

use std::time::Duration;

use bytes::Bytes;
use hyper::{
    Response, StatusCode,
    header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
};
use serde_json::json;

use crate::{proxy::AnswerBody, upstream::ConnectError};

/// Why the edge answers a request itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("no split yet: this edge has not been told where to send traffic")]
    NoSplit,
    #[error("{0}")]
    Malformed(&'static str),
    #[error("the edge does not tunnel CONNECT requests")]
    Connect,
    #[error("the request body is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    #[error("the request body stopped arriving for {0:?}")]
    UploadStalled(Duration),
    #[error("no instance could be reached: {0}")]
    Unreachable(ConnectError),
    #[error("the instance closed the connection before it answered")]
    Lost,
    #[error("the instance did not begin to answer within {0:?}")]
    NoAnswer(Duration),
}

impl Refused {
    /// How many kinds there are.
    pub(crate) const KINDS: usize = Self::CODES.len();
    /// The stable codes, also the values of the `reason` label.
    pub(crate) const CODES: [&'static str; 8] = [
        "no-split",
        "malformed-request",
        "connect-refused",
        "body-too-large",
        "upload-stalled",
        "upstream-unreachable",
        "upstream-lost",
        "upstream-timeout",
    ];

    /// Its place in [`Self::CODES`].
    pub(crate) const fn kind(&self) -> usize {
        match self {
            Self::NoSplit => 0,
            Self::Malformed(_) => 1,
            Self::Connect => 2,
            Self::TooLarge { .. } => 3,
            Self::UploadStalled(_) => 4,
            Self::Unreachable(_) => 5,
            Self::Lost => 6,
            Self::NoAnswer(_) => 7,
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::NoSplit => StatusCode::SERVICE_UNAVAILABLE,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Connect => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UploadStalled(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Unreachable(ConnectError::TimedOut(_)) | Self::NoAnswer(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::Unreachable(ConnectError::Refused(_) | ConnectError::Handshake(_)) | Self::Lost => {
                StatusCode::BAD_GATEWAY
            }
        }
    }

    pub(crate) fn response(&self) -> Response<AnswerBody> {
        let body = json!({ "code": Self::CODES[self.kind()], "message": self.to_string() }).to_string();
        let mut response = Response::new(AnswerBody::Own(Some(Bytes::from(body))));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self {
            Self::NoSplit => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            // What is left of the body, or of a request we could not make sense of, must not be read as the next one.
            Self::Malformed(_) | Self::Connect | Self::TooLarge { .. } | Self::UploadStalled(_) => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Self::Unreachable(_) | Self::Lost | Self::NoAnswer(_) => {}
        }
        response
    }
}
