//! Whoever looks at a page: with which credentials they ask the API, and what their forms carry.

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderValue, header, request::Parts};
use ripcord_pages::Visitor;

use super::{
    Pages,
    api::Api,
    failure::PageFailure,
    form,
    session::{self, Credentials},
};
use crate::api::Peer;

/// The header with the name that is claimed.
const ACTOR: &str = "x-ripcord-actor";

/// Whoever looks at a page.
pub(super) struct Guest {
    /// The API as they see it.
    pub(super) api: Api,
    /// What a page shows of them.
    pub(super) visitor: Visitor,
    headers: HeaderMap,
}

impl Guest {
    /// Whether a form with this key came from a page that was shown to them.
    pub(super) fn sent(&self, form_key: &str) -> bool {
        form::is_ours(&self.headers, &self.visitor.form_key, form_key)
    }
}

impl FromRequestParts<Pages> for Guest {
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, PageFailure> {
        let peer = parts.extensions.get::<Peer>().cloned();
        let session = session::id_in(&parts.headers);
        let found = session.as_deref().and_then(|id| pages.sessions.find(id));
        let mut headers = parts.headers.clone();
        let (name, key, signed_in) = match (found, &peer) {
            // Whoever sends credentials with every request needs no session.
            _ if headers.contains_key(header::AUTHORIZATION) => {
                (claimed(&headers), "bearer".to_owned(), false)
            }
            (Some(credentials), _) => {
                let name = credentials.shown.clone();
                present(&mut headers, &credentials);
                (name, session.unwrap_or_default(), true)
            }
            (None, Some(Peer::Unix(user))) => {
                let name = claimed(&headers);
                (if name.is_empty() { user.to_string() } else { name }, "socket".to_owned(), false)
            }
            (None, Some(Peer::Tcp) | None) => return Err(PageFailure::nobody(parts)),
        };
        let form_key = pages.secret.map(|secret| secret.key(&key)).unwrap_or_default();
        let name = if name.is_empty() { "signed in".to_owned() } else { name };
        Ok(Self {
            api: Api::new(pages.api.clone(), &headers, peer),
            visitor: Visitor { name, form_key, signed_in },
            headers: parts.headers.clone(),
        })
    }
}

fn claimed(headers: &HeaderMap) -> String {
    headers.get(ACTOR).and_then(|name| name.to_str().ok()).unwrap_or_default().to_owned()
}

/// Puts the credentials of a session where the API looks for them.
pub(super) fn present(headers: &mut HeaderMap, credentials: &Credentials) {
    if let Ok(mut value) = HeaderValue::from_str(&credentials.authorization) {
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    if let Ok(value) = HeaderValue::from_str(&credentials.name)
        && !credentials.name.is_empty()
    {
        headers.insert(ACTOR, value);
    }
}
