//! What is read from a request: names from its path, parameters from its query, JSON from its body.

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
};
use http::{header, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use ripcord_model::ReleaseName;
use serde::de::DeserializeOwned;

use super::{failure::ApiFailure, limits::BODY_BYTES_MAX};

/// The release named in the path.
pub struct NamedRelease(pub ReleaseName);

impl<S: Send + Sync> FromRequestParts<S> for NamedRelease {
    type Rejection = ApiFailure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiFailure> {
        let refused = |why: String| ApiFailure::malformed("bad-name", why);
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|error| refused(error.body_text()))?;
        ReleaseName::new(text).map(Self).map_err(|error| refused(error.to_string()))
    }
}

/// The query as a value.
pub struct QueryOf<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = ApiFailure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiFailure> {
        let refused = |error: axum::extract::rejection::QueryRejection| {
            ApiFailure::malformed("malformed-query", error.body_text())
        };
        Query::from_request_parts(parts, state).await.map(|Query(value)| Self(value)).map_err(refused)
    }
}

/// A type that comes as a body, and how one looks.
pub trait Expected: DeserializeOwned {
    /// An example, for those whose body was not one.
    const EXAMPLE: &'static str;
}

/// The body as a value. Whatever its content type says, it must be JSON.
pub struct BodyOf<T>(pub T);

impl<S: Send + Sync, T: Expected> FromRequest<S> for BodyOf<T> {
    type Rejection = ApiFailure;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiFailure> {
        let bytes = read(request).await?;
        let malformed = |error: serde_json::Error| {
            let message =
                format!("the body is not what was expected: {error}; expected JSON such as {}", T::EXAMPLE);
            ApiFailure::malformed("malformed-body", message)
        };
        serde_json::from_slice(&bytes).map(Self).map_err(malformed)
    }
}

/// The body, whole.
pub async fn read(request: Request<Body>) -> Result<bytes::Bytes, ApiFailure> {
    let announced =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    // Refused before the first byte of it is read.
    if announced.is_some_and(|length: u64| length > BODY_BYTES_MAX as u64) {
        return Err(ApiFailure::oversized());
    }
    match Limited::new(request.into_body(), BODY_BYTES_MAX).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiFailure::oversized()),
        Err(error) => Err(ApiFailure::malformed("torn-body", format!("the body ended early: {error}"))),
    }
}
