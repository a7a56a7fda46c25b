//! What the ledger says about people: never a hash, never a secret.

use std::collections::BTreeSet;

use ripcord_model::{Person, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Role, Scope, TokenId, UserKind, policy::PolicySource};

/// A fact about people, tokens or the policy. The names and fields are a file format (`docs/ledger.md`). Entries with one
/// have no release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PeopleFact {
    /// Somebody was set up.
    PersonAdded {
        /// Who.
        name: Person,
        /// A person or an agent.
        is: UserKind,
        /// Trusted with what in general.
        roles: BTreeSet<Role>,
        /// Trusted with what in particular.
        scopes: BTreeSet<Scope>,
    },
    /// What somebody is trusted with was changed.
    PersonChanged {
        /// Who.
        name: Person,
        /// Trusted with what in general from now on.
        roles: BTreeSet<Role>,
        /// Trusted with what in particular from now on.
        scopes: BTreeSet<Scope>,
        /// Whether they have a new password.
        password: bool,
    },
    /// Somebody left.
    PersonRemoved {
        /// Who.
        name: Person,
        /// Their tokens that were revoked with it.
        tokens: BTreeSet<TokenId>,
    },
    /// A token was made.
    TokenCreated {
        /// Its id.
        id: TokenId,
        /// As whom its holder acts.
        user: Person,
        /// The roles it is narrowed to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roles: Option<BTreeSet<Role>>,
        /// The scopes it is narrowed to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scopes: Option<BTreeSet<Scope>>,
        /// What for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<String>,
        /// Until when.
        expires: Timestamp,
    },
    /// A token was taken back.
    TokenRevoked {
        /// Its id.
        id: TokenId,
        /// As whom its holder acted.
        user: Person,
    },
    /// Other rules are in force.
    PolicyChanged {
        /// Which.
        policy: PolicySource,
    },
}
