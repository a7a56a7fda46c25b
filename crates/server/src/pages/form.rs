//! What protects a form: a key that only a page of ours can have written into it, and what the browser says about where a
//! request comes from.

use http::HeaderMap;
use ripcord_model::blueprint::hex;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Random, for as long as this process lives.
#[derive(Clone, Copy)]
pub(super) struct FormSecret([u8; 32]);

impl FormSecret {
    /// Where the system gives no random bytes, no form is accepted.
    pub(super) fn new() -> Option<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The key of the forms of one visitor: of their session, or of their name where the connection says who they are.
    pub(super) fn key(&self, of: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(b"ripcord form\n");
        hasher.update(self.0);
        hasher.update(of.as_bytes());
        hex(&hasher.finalize())
    }
}

/// Whether a form may have come from a page of ours.
pub(super) fn is_ours(headers: &HeaderMap, key: &str, sent: &str) -> bool {
    !key.is_empty() && bool::from(key.as_bytes().ct_eq(sent.as_bytes())) && comes_from_here(headers)
}

/// Browsers say where a request comes from; what is no browser says nothing.
pub(super) fn comes_from_here(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_none_or(|site| [&b"same-origin"[..], b"none"].contains(&site.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_form_with_the_key_of_its_visitor_is_ours() {
        let secret = FormSecret::new().unwrap();
        let (mayas, rans) = (secret.key("maya"), secret.key("ran"));
        let here = HeaderMap::new();
        assert!(is_ours(&here, &mayas, &mayas));
        assert!(!is_ours(&here, &mayas, &rans) && !is_ours(&here, &mayas, "") && !is_ours(&here, "", ""));
        let elsewhere =
            HeaderMap::from_iter([("sec-fetch-site".parse().unwrap(), "cross-site".parse().unwrap())]);
        assert!(!is_ours(&elsewhere, &mayas, &mayas));
    }
}
