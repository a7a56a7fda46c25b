//! Who is set up.

use std::collections::BTreeSet;

use ripcord_model::{Actor, ActorKind, Person, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Identity, PasswordHash, Role, Scope};

/// What somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserKind {
    /// A human being.
    Person,
    /// A coding agent, or a pipeline: plans, checks and asks; never approves.
    Agent,
}

/// Somebody who is set up, as the store keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// By which name.
    pub name: Person,
    /// A person or an agent.
    pub kind: UserKind,
    /// Trusted with what in general.
    pub roles: BTreeSet<Role>,
    /// Trusted with what in particular.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub scopes: BTreeSet<Scope>,
    /// What their password is recognised by, when they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<PasswordHash>,
    /// Since when.
    pub since: Timestamp,
}

impl UserKind {
    /// The same as a kind of actor.
    pub const fn actor(self) -> ActorKind {
        match self {
            Self::Person => ActorKind::Person,
            Self::Agent => ActorKind::Agent,
        }
    }
}

impl User {
    /// As whom they act.
    pub fn identity(&self) -> Identity {
        Identity {
            actor: Actor { kind: self.kind.actor(), name: self.name.clone() },
            roles: self.roles.clone(),
            scopes: self.scopes.clone(),
        }
    }

    /// Whether they can say who is who.
    pub fn is_admin(&self) -> bool {
        self.kind == UserKind::Person && self.roles.contains(&Role::Admin)
    }
}
