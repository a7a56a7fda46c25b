//! Scopes: what somebody is trusted with in particular.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What somebody is trusted with in particular: `data`, `security`, `tech-lead`, or any other word a team uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

/// A word that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope: expected 1 to 63 of a-z, 0-9 and `-`, and not the name of a role")]
pub struct InvalidScope(pub String);

impl Scope {
    /// Data and schemas: who is asked before either goes back.
    pub const DATA: &'static str = "data";
    /// Security.
    pub const SECURITY: &'static str = "security";
    const LENGTH_MAX: usize = 63;

    /// The scope, if `text` is one. The name of a role is none: nobody becomes an executive by a scope.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidScope> {
        let text = text.into();
        let is_word = (1..=Self::LENGTH_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if is_word && text.parse::<super::Role>().is_err() { Ok(Self(text)) } else { Err(InvalidScope(text)) }
    }

    /// Those that Ripcord itself asks for.
    pub fn known() -> [Self; 2] {
        [Self::DATA, Self::SECURITY].map(|text| Self(text.to_owned()))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, InvalidScope> {
        Self::new(text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> String {
        scope.0
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        Self::new(text)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_word_and_never_a_role() {
        for good in ["data", "tech-lead", "2nd"] {
            assert!(Scope::new(good).is_ok(), "{good}");
        }
        for bad in ["", "Data", "a b", "executive", "admin", "é"] {
            assert!(Scope::new(bad).is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<Scope>("\"executive\"").is_err());
    }
}
