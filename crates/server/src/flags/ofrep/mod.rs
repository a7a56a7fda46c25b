//! OFREP, the OpenFeature Remote Evaluation Protocol (open-feature/protocol, `service/openapi.yaml` 0.3.0).
//!
//! The flags of production are at `/ofrep/v1/`, those of another environment at `/NAME/ofrep/v1/`. A key decides its
//! environment by itself. Evaluation is never refused for asking too often: clients would stop asking for all flags, and a
//! kill switch would be blind.

mod answer;
mod bulk;
mod door;
mod events;
mod failure;
mod single;

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderValue, Method, StatusCode, header};
use tokio_util::sync::CancellationToken;

use super::{FlagService, keys::KeyRing};
use crate::clock::Clock;

/// What routes share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) service: FlagService,
    pub(super) keys: Arc<KeyRing>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shutdown: CancellationToken,
}

/// The largest body that is read: a context.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// All routes.
pub(super) fn router(shared: Shared) -> Router {
    let routes = Router::new()
        .route("/ofrep/v1/evaluate/flags", post(bulk::evaluate))
        .route("/ofrep/v1/evaluate/flags/{key}", post(single::evaluate))
        .route("/ofrep/v1/events", get(events::listen))
        .route("/flags/v1/definitions", get(bulk::definitions));
    Router::new()
        .merge(routes.clone())
        .nest("/{environment}", routes)
        .route("/healthz", get(|| async { StatusCode::OK }))
        .fallback(failure::no_such_route)
        .layer(from_fn(pages_may_ask))
        .with_state(shared)
}

/// Pages of any origin may ask: a key, not an origin, decides who may.
async fn pages_may_ask(request: Request, next: Next) -> Response {
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response =
        if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag, retry-after"));
    if is_preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        let allowed = "authorization, content-type, if-none-match, x-api-key, x-ripcord-client";
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}
