//! What is shown where there is no page: the door, or what is wrong and what to do.

use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{Method, StatusCode, request::Parts};
use ripcord_pages::{
    Visitor,
    page::{ProblemPage, Refusal},
};

use super::wall_clock;
use super::{api::Refused, form};
use crate::Failure;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum PageFailure {
    /// Nobody knows who looks: they are led to the door, and back afterwards.
    Nobody { to: String },
    /// They came from another site, whose requests carry no cookie; the same address asked from here does.
    FromElsewhere,
    /// The API refused.
    Refused { refused: Box<Refused>, visitor: Option<Visitor> },
}

impl PageFailure {
    /// Nobody knows who asks.
    pub(super) fn nobody(parts: &Parts) -> Self {
        if parts.method == Method::GET && !form::comes_from_here(&parts.headers) {
            return Self::FromElsewhere;
        }
        let to = if parts.method == Method::GET { parts.uri.path() } else { "/" };
        Self::Nobody { to: to.to_owned() }
    }

    /// The API refused what a visitor asked.
    pub(super) fn of(refused: Refused, visitor: &Visitor) -> Self {
        if refused.status == StatusCode::UNAUTHORIZED && visitor.signed_in {
            return Self::Nobody { to: "/".to_owned() };
        }
        Self::Refused { refused: Box::new(refused), visitor: Some(visitor.clone()) }
    }
}

/// What a page says of a failure.
pub(super) fn refusal(failure: &Failure) -> Refusal {
    Refusal { message: failure.message.clone(), hints: failure.hints.clone() }
}

/// An address within this site: a path with names of letters, digits, dots, dashes and underscores.
pub(super) fn within(to: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if to.starts_with('/') && !to.starts_with("//") && to.chars().all(plain) { to } else { "/" }
}

/// The page once more, asked from here. A loop is impossible: the second time the browser says `same-origin`.
const ONCE_MORE: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Ripcord</title>\
    <meta http-equiv=\"refresh\" content=\"0\"></head><body><p>One moment.</p></body></html>";

impl IntoResponse for PageFailure {
    fn into_response(self) -> Response {
        match self {
            Self::Nobody { to } => Redirect::to(&format!("/login?to={}", within(&to))).into_response(),
            Self::FromElsewhere => Html(ONCE_MORE).into_response(),
            Self::Refused { refused, visitor } => {
                let Refused { status, failure } = *refused;
                let page = ProblemPage::new(refusal(&failure), failure.code, visitor, wall_clock());
                (status, shown(&page)).into_response()
            }
        }
    }
}

/// A page as an answer.
pub(super) fn shown(page: &impl askama::Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made; see the server's log.\n")
                .into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_away_after_signing_in() {
        assert_eq!(within("/releases/submit-v2"), "/releases/submit-v2");
        for to in [
            "",
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "/a?b=c",
            "/a\r\nset-cookie:x",
            "javascript:x",
        ] {
            assert_eq!(within(to), "/", "{to}");
        }
    }
}
