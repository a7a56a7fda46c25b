//! Who acts, as the door found out ([`super::guard`]); and the headers by which a client names somebody else.

use axum::extract::FromRequestParts;
use http::request::Parts;
use ripcord_model::Person;
use ripcord_people::Identity;

use super::failure::ApiFailure;
use crate::{Failure, FailureKind};

/// The header with the actor's name: an agent's, or in demo mode anybody's.
pub const ACTOR: &str = "x-ripcord-actor";
/// The header with the actor's kind, `person` or `agent`.
pub const ACTOR_KIND: &str = "x-ripcord-actor-kind";
/// The header with roles and scopes to be tried in demo mode, separated by commas.
pub const ROLES: &str = "x-ripcord-roles";

/// The other end of a connection.
#[derive(Debug, Clone)]
pub enum Peer {
    /// By the unix socket: the user who called.
    Unix(Person),
    /// By TCP.
    Tcp,
}

/// Who acts, as what.
pub struct Caller(pub Identity);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiFailure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiFailure> {
        let unguarded = || {
            let message = format!("{} came in past the door", parts.uri.path());
            ApiFailure::from(Failure::new(FailureKind::Internal, "unguarded-route", message))
        };
        parts.extensions.get::<Identity>().cloned().map(Self).ok_or_else(unguarded)
    }
}
