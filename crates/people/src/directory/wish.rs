//! What an admin asks for.

use std::collections::BTreeSet;

use ripcord_model::{Person, Timestamp};

use crate::{PasswordHash, Role, Scope, TokenHash, TokenId, UserKind};

/// What an admin asks for. Secrets come as hashes: the directory never sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Set somebody up.
    Add {
        /// By which name.
        name: Person,
        /// A person or an agent.
        kind: UserKind,
        /// Trusted with what in general.
        roles: BTreeSet<Role>,
        /// Trusted with what in particular.
        scopes: BTreeSet<Scope>,
        /// Their password's hash.
        password: Option<PasswordHash>,
    },
    /// Change what somebody is trusted with; what is absent stays.
    Change {
        /// Who.
        name: Person,
        /// All their roles from now on.
        roles: Option<BTreeSet<Role>>,
        /// All their scopes from now on.
        scopes: Option<BTreeSet<Scope>>,
        /// Their new password's hash.
        password: Option<PasswordHash>,
    },
    /// Somebody has left; their tokens are revoked.
    Remove {
        /// Who.
        name: Person,
    },
    /// Make a token.
    CreateToken {
        /// What it is recognised by.
        hash: TokenHash,
        /// As whom its holder acts.
        user: Person,
        /// The roles it is narrowed to.
        roles: Option<BTreeSet<Role>>,
        /// The scopes it is narrowed to.
        scopes: Option<BTreeSet<Scope>>,
        /// What for.
        purpose: Option<String>,
        /// Until when.
        expires: Timestamp,
    },
    /// Take a token back.
    RevokeToken {
        /// Which.
        id: TokenId,
    },
}
