//! Who may say that an alert fires: whoever knows the secret of `alerts:`. Alertmanager sends it as a bearer token or as
//! the password of basic authentication; whatever else sends alerts may sign them instead
//! (`ripcord-signature: t=SECONDS,v1=HEX`, as Ripcord's own webhooks do), and a signature counts for five minutes and once.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, header};
use ripcord_adapters::messenger::{SIGNATURE, sign};
use subtle::ConstantTimeEq as _;

/// How old, or how far ahead, a signature may be, in seconds.
const FRESH_SECONDS: u64 = 300;

/// Remembers signatures for as long as they count.
#[derive(Default)]
pub(crate) struct Door {
    seen: Mutex<BTreeMap<String, u64>>,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Closed {
    #[error("alerts are taken with the secret of `alerts:` only")]
    NoSecret,
    #[error("the secret is not the one of `alerts:`")]
    WrongSecret,
    #[error("the signature is not one of the secret of `alerts:` over this body")]
    WrongSignature,
    #[error("the signature was made more than five minutes ago, or by a clock that is ahead")]
    Stale,
    #[error("this very delivery was taken before")]
    Replayed,
}

impl Door {
    /// Whether the headers prove that `body` comes from somebody who knows the secret.
    pub(crate) fn open(
        &self,
        secret: &str,
        headers: &HeaderMap,
        body: &[u8],
        now_seconds: u64,
    ) -> Result<(), Closed> {
        if let Some(signature) = headers.get(SIGNATURE) {
            return self.signed(secret, signature.to_str().unwrap_or_default(), body, now_seconds);
        }
        let held = headers.get(header::AUTHORIZATION).ok_or(Closed::NoSecret)?;
        let (scheme, rest) =
            held.to_str().ok().and_then(|held| held.split_once(' ')).ok_or(Closed::NoSecret)?;
        let held = if scheme.eq_ignore_ascii_case("bearer") {
            rest.trim().to_owned()
        } else if scheme.eq_ignore_ascii_case("basic") {
            password(rest.trim()).ok_or(Closed::NoSecret)?
        } else {
            return Err(Closed::NoSecret);
        };
        if bool::from(held.as_bytes().ct_eq(secret.as_bytes())) { Ok(()) } else { Err(Closed::WrongSecret) }
    }

    fn signed(&self, secret: &str, signature: &str, body: &[u8], now: u64) -> Result<(), Closed> {
        let seconds = signature.strip_prefix("t=").and_then(|rest| rest.split(',').next());
        let seconds: u64 = seconds.and_then(|text| text.parse().ok()).ok_or(Closed::WrongSignature)?;
        let expected = sign(secret.as_bytes(), seconds, body);
        if !bool::from(expected.as_bytes().ct_eq(signature.as_bytes())) {
            return Err(Closed::WrongSignature);
        }
        if now.abs_diff(seconds) > FRESH_SECONDS {
            return Err(Closed::Stale);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, made| now.abs_diff(*made) <= FRESH_SECONDS);
        match seen.insert(expected, seconds) {
            Some(_) => Err(Closed::Replayed),
            None => Ok(()),
        }
    }
}

fn password(encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(_user, password)| password.to_owned())
}
