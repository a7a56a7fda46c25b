//! The pages on the server: what a browser asks, one file per page.
//!
//! ```text
//! browser ──▶ door (session, headers) ──▶ page ──▶ API, in this process, with the visitor's credentials
//! ```
//!
//! Owns: addresses of pages, sessions, forms and what protects them, the series that charts are drawn from. Refuses to
//! know: what a page looks like, which is `ripcord-pages`; who may do what, which the API decides.
//!
//! Invariant: a page does nothing by itself. Everything it shows or does is a request to the API with the credentials of
//! whoever looks, so whatever the API refuses, no page does.

mod act;
mod api;
mod assets;
mod failure;
mod form;
mod gate;
mod guest;
mod ledger;
mod login;
mod now;
mod runbook;
mod security;
mod series;
mod session;
mod storyboard;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::map_response,
    routing::{get, post},
};

use self::{form::FormSecret, series::SeriesBook, session::Sessions};
use ripcord_model::Timestamp;

use crate::{
    Handle,
    clock::{Clock as _, SteadyClock},
};

/// The largest form, in bytes; the longest reason is far below.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// What pages share.
#[derive(Clone)]
struct Pages {
    /// The API with its door, called in this process.
    api: Router,
    /// For what is no answer of the API: blocks and runbook texts of a release that the API has shown to the visitor.
    handle: Handle,
    sessions: Arc<Sessions>,
    series: Arc<SeriesBook>,
    secret: Option<FormSecret>,
}

/// For pages that are about no release; those that are say when the release was looked at.
fn wall_clock() -> Timestamp {
    SteadyClock::start().now()
}

/// The API with the pages around it.
pub(crate) fn around(api: Router, handle: Handle) -> Router {
    let pages = Pages {
        api: api.clone(),
        handle,
        sessions: Arc::default(),
        series: Arc::default(),
        secret: FormSecret::new(),
    };
    Router::new()
        .route("/", get(now::show))
        .route("/releases/{name}", get(storyboard::show))
        .route("/releases/{name}/live", get(storyboard::live))
        .route("/releases/{name}/gate", get(gate::show))
        .route("/releases/{name}/runbook", get(runbook::show))
        .route("/releases/{name}/{act}", get(act::ask).post(act::perform))
        .route("/ledger", get(ledger::list))
        .route("/ledger/{position}", get(ledger::entry))
        .route("/login", get(login::show).post(login::sign_in))
        .route("/logout", post(login::sign_out))
        .route("/assets/{name}", get(assets::show))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .route_layer(map_response(security::headers))
        .with_state(pages)
        .fallback_service(api)
}
