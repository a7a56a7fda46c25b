//! The table of routes.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use ripcord_people::TokenHash;
use tokio::{sync::Semaphore, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    alerts,
    failure::ApiFailure,
    flags, gate,
    guard::{Guard, admit, authenticate},
    health, info, ledger,
    limits::Limits,
    people, postmortems, releases, runbooks,
};
use crate::{Handle, pages};

/// What routes share.
#[derive(Clone)]
pub struct Shared {
    /// Whom they ask.
    pub handle: Handle,
    /// One permit per open watch.
    pub watches: Arc<Semaphore>,
    /// Their limits.
    pub limits: Limits,
    /// Who may say that an alert fires.
    pub door: Arc<crate::alerts::Door>,
    /// When watches end.
    pub shutdown: CancellationToken,
}

/// All routes, behind the door: whoever calls is found out before anything, and whoever may not do what a route does never
/// reaches it. `own` is the token that stands for whoever runs the server, where this listener has one.
pub fn router(handle: Handle, limits: Limits, shutdown: CancellationToken, own: Option<TokenHash>) -> Router {
    let guard = Guard { handle: handle.clone(), own: own.map(Arc::new) };
    let shared = Shared {
        handle: handle.clone(),
        watches: Arc::new(Semaphore::new(limits.watches)),
        limits,
        door: Arc::default(),
        shutdown,
    };
    let routes = Router::new()
        .route("/v1/info", get(info::show))
        .route("/v1/releases", get(releases::list).post(releases::ship))
        .route("/v1/releases/{name}", get(releases::show))
        .route("/v1/releases/{name}/blueprint", get(releases::blueprint))
        .route("/v1/releases/{name}/commands", post(releases::command))
        .route("/v1/releases/{name}/freeze-exceptions", post(releases::except_freeze))
        .route("/v1/releases/{name}/overrides", post(releases::override_check))
        .route("/v1/releases/{name}/announcements", post(releases::announce))
        .route("/v1/releases/{name}/messages", get(releases::messages))
        .route("/v1/releases/{name}/papers", get(releases::papers).post(releases::note))
        .route("/v1/releases/{name}/rehearsals", get(releases::rehearsals).post(releases::rehearse))
        .route("/v1/releases/{name}/watch", get(releases::watch))
        .route("/v1/postmortems", get(postmortems::list))
        .route("/v1/postmortems/{id}", get(postmortems::show))
        .route("/v1/postmortems/{id}/close", post(postmortems::close))
        .route("/v1/runbook-runs/{run}/approvals", post(runbooks::approve))
        .route("/v1/flags/{environment}", get(flags::list).post(flags::change))
        .route("/v1/flags/{environment}/clients", get(flags::clients))
        .route("/v1/gate", post(gate::ask))
        .route("/v1/ledger", get(ledger::list))
        .route("/v1/ledger/verify", get(ledger::verify))
        .route("/v1/people", get(people::list).post(people::add))
        .route("/v1/people/{person}", post(people::change).delete(people::remove))
        .route("/v1/tokens", get(people::tokens).post(people::create))
        .route("/v1/tokens/{id}", delete(people::revoke))
        .route("/v1/policy", get(people::policy))
        .route("/v1/policy/who", post(people::who))
        .route_layer(from_fn_with_state(guard.clone(), admit))
        .method_not_allowed_fallback(wrong_method)
        .fallback(no_such_route)
        .layer(from_fn_with_state(guard, authenticate));
    // Outside of the door: whoever watches over processes holds none, and learns nothing but that it lives.
    let api = Router::new()
        .route("/healthz", get(health::show).fallback(wrong_method))
        // Alertmanager holds the secret of `alerts:` and no token; what it says is judged by rules of its own.
        .route("/v1/alerts", post(alerts::take).fallback(wrong_method))
        .merge(routes)
        .layer(from_fn_with_state(limits, in_time))
        .with_state(shared);
    // Around all of it: pages ask this API with the credentials of whoever looks.
    pages::around(api, handle)
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
