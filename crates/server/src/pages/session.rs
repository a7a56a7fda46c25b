//! Sessions: who has signed in at the door, for as long as this process lives.
//!
//! The browser holds 256 random bits; the server keeps their hash and the credentials that came with them, in memory only.
//! Every request asks the API with those credentials, so a token that is revoked ends its sessions at once.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, header};
use ripcord_model::blueprint::hex;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

/// The cookie.
pub(super) const COOKIE: &str = "ripcord_session";
/// How long a session lasts.
pub(super) const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// How many there may be; the oldest goes first.
const SESSIONS_MAX: usize = 1_000;

/// With what somebody comes in, as it stands in the headers.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    /// The value of `authorization`.
    pub(super) authorization: String,
    /// The name they claim; empty for that of their token.
    pub(super) name: String,
    /// As whom they act, as the API said when they came in.
    pub(super) shown: String,
}

struct Session {
    credentials: Credentials,
    since: Instant,
}

/// All of them.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<[u8; 32], Session>>);

fn digest(id: &str) -> [u8; 32] {
    Sha256::digest(id.as_bytes()).into()
}

impl Sessions {
    fn all(&self) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins one and answers with its id, which only the browser keeps. `None` when the system gives no random bytes.
    pub(super) fn begin(&self, credentials: Credentials) -> Option<String> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).ok()?;
        let id = hex(&bytes);
        let mut all = self.all();
        all.retain(|_, session| session.since.elapsed() < LIFETIME);
        if all.len() >= SESSIONS_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, session)| session.since).map(|(id, _)| *id)
        {
            all.remove(&oldest);
        }
        all.insert(digest(&id), Session { credentials, since: Instant::now() });
        Some(id)
    }

    /// The credentials of a session that lasts.
    pub(super) fn find(&self, id: &str) -> Option<Credentials> {
        let all = self.all();
        let session = all.get(&digest(id)).filter(|session| session.since.elapsed() < LIFETIME)?;
        Some(session.credentials.clone())
    }

    /// Ends one.
    pub(super) fn end(&self, id: &str) {
        self.all().remove(&digest(id));
    }
}

/// The id in the cookie, when there is exactly one that could be.
pub(super) fn id_in(headers: &HeaderMap) -> Option<String> {
    let mut found = None;
    for value in headers.get_all(header::COOKIE) {
        for pair in value.to_str().ok()?.split(';') {
            if let Some((COOKIE, id)) = pair.trim().split_once('=')
                && found.replace(id.to_owned()).is_some()
            {
                return None;
            }
        }
    }
    found.filter(|id| id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The cookie of a session; with an empty id the one that ends it.
pub(super) fn cookie(id: &str, behind_tls: bool) -> String {
    let seconds = if id.is_empty() { 0 } else { LIFETIME.as_secs() };
    let secure = if behind_tls { "; Secure" } else { "" };
    format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(name: &str) -> Credentials {
        Credentials { authorization: "Bearer x".to_owned(), name: name.to_owned(), shown: String::new() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_is_found_until_it_ends_or_its_time_is_over() {
        let sessions = Sessions::default();
        let (one, other) =
            (sessions.begin(credentials("maya")).unwrap(), sessions.begin(credentials("ran")).unwrap());
        assert_ne!(one, other);
        assert_eq!(sessions.find(&one).unwrap().name, "maya");
        sessions.end(&one);
        assert!(sessions.find(&one).is_none() && sessions.find(&other).is_some());
        tokio::time::advance(LIFETIME).await;
        assert!(sessions.find(&other).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_an_end_to_how_many_there_are() {
        let sessions = Sessions::default();
        let first = sessions.begin(credentials("first")).unwrap();
        for _ in 0..SESSIONS_MAX {
            tokio::time::advance(Duration::from_millis(1)).await;
            sessions.begin(credentials("later")).unwrap();
        }
        assert!(sessions.find(&first).is_none());
        assert_eq!(sessions.all().len(), SESSIONS_MAX);
    }

    #[test]
    fn a_cookie_that_stands_there_twice_is_none() {
        let id = "a".repeat(64);
        let headers = |cookie: String| HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
        assert_eq!(id_in(&headers(format!("x=1; {COOKIE}={id}"))), Some(id.clone()));
        assert_eq!(id_in(&headers(format!("{COOKIE}={id}; {COOKIE}={}", "b".repeat(64)))), None);
        assert_eq!(id_in(&headers(format!("{COOKIE}=short"))), None);
        assert_eq!(id_in(&HeaderMap::new()), None);
        assert!(cookie(&id, false).contains("HttpOnly; SameSite=Strict"));
        assert!(cookie("", true).contains("Max-Age=0; Secure"));
    }
}
