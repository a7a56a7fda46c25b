//! `GET /v1/people`: who is set up.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use ripcord_model::{Person, Timestamp};
use ripcord_people::{Directory, Role, Scope, User, UserKind};
use serde::{Deserialize, Serialize};

use crate::api::{failure::Answer, router::Shared};

/// Somebody who is set up, as everybody may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SomeBody {
    /// By which name.
    pub name: Person,
    /// A person or an agent.
    pub kind: UserKind,
    /// Trusted with what in general.
    pub roles: BTreeSet<Role>,
    /// Trusted with what in particular.
    pub scopes: BTreeSet<Scope>,
    /// Whether they have a password.
    pub password: bool,
    /// How many of their tokens open something.
    pub tokens: usize,
    /// Since when.
    pub since: Timestamp,
}

impl SomeBody {
    /// As the directory knows them at `now`.
    pub(super) fn of(user: &User, directory: &Directory, now: Timestamp) -> Self {
        let opens = |token: &&ripcord_people::ApiToken| {
            token.user == user.name && token.revoked.is_none() && token.expires > now
        };
        Self {
            name: user.name.clone(),
            kind: user.kind,
            roles: user.roles.clone(),
            scopes: user.scopes.clone(),
            password: user.password.is_some(),
            tokens: directory.tokens().filter(opens).count(),
            since: user.since,
        }
    }

    /// Everybody.
    pub(super) fn all(directory: &Directory, now: Timestamp) -> Vec<Self> {
        directory.users().map(|user| Self::of(user, directory, now)).collect()
    }
}

/// Everybody, by name; nobody where whoever runs the server is alone.
pub async fn list(State(shared): State<Shared>) -> Answer<Json<Vec<SomeBody>>> {
    let people = &shared.handle.people;
    Ok(Json(SomeBody::all(&people.directory(), people.now())))
}
