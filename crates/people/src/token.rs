//! Tokens of the API: 256 random bits that are shown once, and what is kept of them.

use std::{collections::BTreeSet, fmt, str::FromStr};

use ripcord_model::{Person, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{Role, Scope};

/// How many hex digits of the hash are a token's id.
const ID_DIGITS: usize = 12;
const PREFIX: &str = "ripcord_";

/// A token in the clear. Exists between being made and being shown, and in the hands of its user.
pub struct Secret(String);

/// What is kept of a token: SHA-256. A plain hash is enough, as 256 random bits cannot be guessed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

/// What a token is called: the first digits of its hash, so that whoever holds the token can tell which it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenId(String);

/// A text that is no token's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the id of a token: expected {ID_DIGITS} hex digits, as `ripcord token list` shows them"
)]
pub struct InvalidTokenId(pub String);

/// A text that is no token's hash; it is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the hash of a token: expected 64 hex digits")]
pub struct InvalidTokenHash;

/// A token, as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiToken {
    /// Its name.
    pub id: TokenId,
    /// What it is recognised by.
    pub hash: TokenHash,
    /// As whom its holder acts.
    pub user: Person,
    /// The roles it is narrowed to; all of its user's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<BTreeSet<Role>>,
    /// The scopes it is narrowed to; all of its user's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<BTreeSet<Scope>>,
    /// What for, in somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub expires: Timestamp,
    /// When it was taken back, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
    /// When it was used last, to the minute or so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
}

impl Secret {
    /// From 256 random bits.
    pub fn from_random(bits: [u8; 32]) -> Self {
        Self(format!("{PREFIX}{}", hex(&bits)))
    }

    /// The text, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl TokenHash {
    /// Of a token in the clear.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// The id that goes with it.
    pub fn id(&self) -> TokenId {
        TokenId(hex(&self.0)[..ID_DIGITS].to_owned())
    }

    /// Whether they are the same, in a time that does not tell how much of them is.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Display for TokenHash {
    /// 64 lower-case hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(&self.0))
    }
}

impl FromStr for TokenHash {
    type Err = InvalidTokenHash;

    fn from_str(text: &str) -> Result<Self, InvalidTokenHash> {
        from_hex(text).map(Self).ok_or(InvalidTokenHash)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

impl Serialize for TokenHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl TokenId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TokenId {
    type Error = InvalidTokenId;

    fn try_from(text: String) -> Result<Self, InvalidTokenId> {
        let is_id = text.len() == ID_DIGITS
            && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if is_id { Ok(Self(text)) } else { Err(InvalidTokenId(text)) }
    }
}

impl FromStr for TokenId {
    type Err = InvalidTokenId;

    fn from_str(text: &str) -> Result<Self, InvalidTokenId> {
        Self::try_from(text.to_owned())
    }
}

impl From<TokenId> for String {
    fn from(id: TokenId) -> String {
        id.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_by_its_hash_and_shown_by_nobody() {
        let secret = Secret::from_random([0xab; 32]);
        assert_eq!(secret.reveal().len(), PREFIX.len() + 64);
        assert_eq!(format!("{secret:?} {:?}", secret.hash()), "Secret(…) TokenHash(…)");
        let kept = serde_json::to_string(&secret.hash()).unwrap();
        assert!(!kept.contains("abab"));
        let hash: TokenHash = serde_json::from_str(&kept).unwrap();
        assert!(hash.is(&TokenHash::of(secret.reveal())) && !hash.is(&TokenHash::of("ripcord_")));
        assert_eq!(hash.id().as_str().parse(), Ok(hash.id()));
        assert!(serde_json::from_str::<TokenHash>("\"abcd\"").is_err());
        for wrong in ["", "abc", "ABCDEFABCDEF", "../../etc/pa"] {
            assert!(wrong.parse::<TokenId>().is_err(), "{wrong}");
        }
    }
}
