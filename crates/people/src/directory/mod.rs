//! The directory: everybody who is set up, and their tokens.
//!
//! ```text
//! wish ── Directory::grant ── change      a new directory, the fact for the ledger; or a refusal
//! secret ── Directory::recognise ── identity, or why not
//! ```
//!
//! Owns: who is who. Refuses to know: where it is kept, what time it is, where random bytes come from.
//!
//! Invariant: as long as anybody is set up, one person is admin. A refused wish changes nothing.

mod fact;
mod grant;
mod recognise;
#[cfg(test)]
mod tests;
mod wish;

use std::collections::BTreeMap;

use ripcord_model::Person;

pub use fact::PeopleFact;
pub use grant::{Change, WishRefusal};
pub use recognise::{Recognised, TokenRefusal};
pub use wish::Wish;

use crate::{ApiToken, Identity, TokenId, User};

/// Everybody who is set up, and their tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    users: BTreeMap<Person, User>,
    tokens: BTreeMap<TokenId, ApiToken>,
}

impl Directory {
    /// From what was kept.
    pub fn new(users: impl IntoIterator<Item = User>, tokens: impl IntoIterator<Item = ApiToken>) -> Self {
        Self {
            users: users.into_iter().map(|user| (user.name.clone(), user)).collect(),
            tokens: tokens.into_iter().map(|token| (token.id.clone(), token)).collect(),
        }
    }

    /// Whether nobody is set up, so that whoever runs the server is alone.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Everybody, by name.
    pub fn users(&self) -> impl ExactSizeIterator<Item = &User> {
        self.users.values()
    }

    /// Somebody.
    pub fn user(&self, name: &Person) -> Option<&User> {
        self.users.get(name)
    }

    /// All tokens, by id; those that were revoked or have expired as well.
    pub fn tokens(&self) -> impl ExactSizeIterator<Item = &ApiToken> {
        self.tokens.values()
    }

    /// A token.
    pub fn token(&self, id: &TokenId) -> Option<&ApiToken> {
        self.tokens.get(id)
    }

    /// Everybody as they act, by name.
    pub fn identities(&self) -> Vec<Identity> {
        self.users.values().map(User::identity).collect()
    }
}
