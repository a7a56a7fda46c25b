//! Refusals in OFREP's shapes. Every one has `errorDetails`, because published clients break without.

use axum::{
    Json,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use ripcord_flags::ErrorCode;
use serde_json::json;

/// A refusal.
pub(super) enum OfrepFailure {
    /// No key, or none that is known.
    Unauthorized,
    /// A key that may not.
    Forbidden(String),
    /// There is no such environment.
    NoSuchEnvironment(String),
    /// What was sent cannot be used.
    Bad { key: Option<String>, code: ErrorCode, details: String },
    /// Too many streams.
    Busy,
}

impl IntoResponse for OfrepFailure {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized => {
                let details = "a key is needed: `authorization: Bearer KEY` or `x-api-key: KEY`";
                let mut response =
                    (StatusCode::UNAUTHORIZED, Json(json!({ "errorDetails": details }))).into_response();
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                response
            }
            Self::Forbidden(details) => {
                (StatusCode::FORBIDDEN, Json(json!({ "errorDetails": details }))).into_response()
            }
            Self::NoSuchEnvironment(name) => {
                let details = format!("no flags are known in the environment `{name}`");
                (StatusCode::NOT_FOUND, Json(json!({ "errorDetails": details }))).into_response()
            }
            Self::Bad { key, code, details } => {
                let mut body = json!({ "errorCode": code, "errorDetails": details });
                if let Some(key) = key {
                    body["key"] = key.into();
                }
                (StatusCode::BAD_REQUEST, Json(body)).into_response()
            }
            Self::Busy => {
                let details = "too many streams are open";
                let retry = [(header::RETRY_AFTER, "10")];
                (StatusCode::SERVICE_UNAVAILABLE, retry, Json(json!({ "errorDetails": details })))
                    .into_response()
            }
        }
    }
}

pub(super) async fn no_such_route(request: Request) -> Response {
    let details = format!("nothing is at {}; flags are at /ofrep/v1/evaluate/flags", request.uri().path());
    (StatusCode::NOT_FOUND, Json(json!({ "errorDetails": details }))).into_response()
}
