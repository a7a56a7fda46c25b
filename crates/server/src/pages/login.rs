//! `/login` and `/logout`: a token in a form becomes a session in a cookie.

use std::time::Duration;

use axum::{
    Form,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, StatusCode, header};
use ripcord_pages::page::LoginPage;
use serde::Deserialize;

use super::wall_clock;
use super::{
    Pages,
    api::{Api, Refused},
    failure::{shown, within},
    form,
    guest::{Guest, present},
    session::{self, Credentials},
};
use crate::{Info, api::Peer};

/// Whoever guesses has to wait.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_millis(500);
/// What tokens begin with; anything else is a password.
const TOKEN_START: &str = "ripcord_";

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Towards {
    to: String,
}

/// What is typed at the door.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Typed {
    name: String,
    token: String,
    to: String,
}

/// The form.
pub(super) async fn show(towards: Result<Query<Towards>, QueryRejection>) -> Response {
    let to = towards.map(|Query(towards)| towards.to).unwrap_or_default();
    shown(&LoginPage::new(within(&to).to_owned(), String::new(), None, wall_clock()))
}

/// A session, when the API lets in whoever comes with this.
pub(super) async fn sign_in(
    State(pages): State<Pages>,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Response {
    let (name, to) = (typed.name.trim().to_owned(), within(&typed.to).to_owned());
    if !form::comes_from_here(&headers) {
        return again(StatusCode::FORBIDDEN, to, name, "this form was sent by another site".to_owned());
    }
    let mut credentials = credentials(&name, typed.token.trim());
    match try_in(&pages, &credentials).await {
        Ok(info) => {
            credentials.shown = info.people.you.map_or_else(|| name.clone(), |you| you.name().to_string());
            let name = credentials.shown.clone();
            match pages.sessions.begin(credentials) {
                Some(id) => {
                    tracing::info!(%name, "signed in");
                    let cookie = session::cookie(&id, is_behind_tls(&headers));
                    ([(header::SET_COOKIE, cookie)], Redirect::to(&to)).into_response()
                }
                None => {
                    let why = "the system gives no random bytes, so there are no sessions".to_owned();
                    again(StatusCode::SERVICE_UNAVAILABLE, to, name, why)
                }
            }
        }
        Err(refused) => {
            tracing::warn!(%name, code = refused.failure.code, "was not let in");
            tokio::time::sleep(PAUSE_AFTER_REFUSAL).await;
            again(refused.status, to, name, refused.failure.message)
        }
    }
}

/// Ends the session.
pub(super) async fn sign_out(
    State(pages): State<Pages>,
    guest: Guest,
    headers: HeaderMap,
    Form(sent): Form<SignOut>,
) -> Response {
    if !guest.sent(&sent.form_key) {
        return Redirect::to("/").into_response();
    }
    if let Some(id) = session::id_in(&headers) {
        pages.sessions.end(&id);
    }
    let cookie = session::cookie("", is_behind_tls(&headers));
    ([(header::SET_COOKIE, cookie)], Redirect::to("/login")).into_response()
}

/// The form that signs out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SignOut {
    form_key: String,
}

fn credentials(name: &str, secret: &str) -> Credentials {
    if secret.starts_with(TOKEN_START) {
        let authorization = format!("Bearer {secret}");
        return Credentials { authorization, name: name.to_owned(), shown: String::new() };
    }
    let pair = STANDARD.encode(format!("{name}:{secret}"));
    Credentials { authorization: format!("Basic {pair}"), name: name.to_owned(), shown: String::new() }
}

/// Asks something that everybody who may come in may ask.
async fn try_in(pages: &Pages, credentials: &Credentials) -> Result<Info, Refused> {
    let mut headers = HeaderMap::new();
    present(&mut headers, credentials);
    if headers.get(header::AUTHORIZATION).is_none() {
        headers.insert(header::AUTHORIZATION, header::HeaderValue::from_static("Bearer none"));
    }
    Api::new(pages.api.clone(), &headers, Some(Peer::Tcp)).get("/v1/info").await
}

fn again(status: StatusCode, to: String, name: String, why: String) -> Response {
    (status, shown(&LoginPage::new(to, name, Some(why), wall_clock()))).into_response()
}

fn is_behind_tls(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|scheme| scheme.as_bytes() == b"https")
}
