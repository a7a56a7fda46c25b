//! The table of routes.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::{sync::Semaphore, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    failure::ApiFailure,
    gate, health, info, ledger,
    limits::Limits,
    postmortems, releases,
    token::{TokenHash, require_token},
};
use crate::Handle;

/// What routes share.
#[derive(Clone)]
pub struct Shared {
    /// Whom they ask.
    pub handle: Handle,
    /// One permit per open watch.
    pub watches: Arc<Semaphore>,
    /// Their limits.
    pub limits: Limits,
    /// When watches end.
    pub shutdown: CancellationToken,
}

/// All routes; behind the token when there is one.
pub fn router(
    handle: Handle,
    limits: Limits,
    shutdown: CancellationToken,
    token: Option<TokenHash>,
) -> Router {
    let shared = Shared { handle, watches: Arc::new(Semaphore::new(limits.watches)), limits, shutdown };
    let mut routes = Router::new()
        .route("/v1/info", get(info::show))
        .route("/v1/releases", get(releases::list).post(releases::ship))
        .route("/v1/releases/{name}", get(releases::show))
        .route("/v1/releases/{name}/blueprint", get(releases::blueprint))
        .route("/v1/releases/{name}/commands", post(releases::command))
        .route("/v1/releases/{name}/freeze-exceptions", post(releases::except_freeze))
        .route("/v1/releases/{name}/overrides", post(releases::override_check))
        .route("/v1/releases/{name}/papers", get(releases::papers).post(releases::note))
        .route("/v1/releases/{name}/rehearsals", get(releases::rehearsals).post(releases::rehearse))
        .route("/v1/releases/{name}/watch", get(releases::watch))
        .route("/v1/postmortems", get(postmortems::list))
        .route("/v1/postmortems/{id}", get(postmortems::show))
        .route("/v1/postmortems/{id}/close", post(postmortems::close))
        .route("/v1/gate", post(gate::ask))
        .route("/v1/ledger", get(ledger::list))
        .route("/v1/ledger/verify", get(ledger::verify))
        .method_not_allowed_fallback(wrong_method)
        .fallback(no_such_route);
    if let Some(token) = token {
        routes = routes.layer(from_fn_with_state(Arc::new(token), require_token));
    }
    // Outside of the token: whoever watches over processes holds none, and learns nothing but that it lives.
    Router::new()
        .route("/healthz", get(health::show).fallback(wrong_method))
        .merge(routes)
        .layer(from_fn_with_state(limits, in_time))
        .with_state(shared)
}

async fn in_time(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    match timeout(limits.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiFailure::timed_out(limits.request_timeout).into_response(),
    }
}

async fn wrong_method(request: Request) -> ApiFailure {
    ApiFailure::wrong_method(request.method().as_str(), request.uri().path())
}

async fn no_such_route(request: Request) -> ApiFailure {
    ApiFailure::no_such_route(request.uri().path())
}
