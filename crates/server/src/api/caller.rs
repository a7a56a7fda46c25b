//! Who acts: the name in the headers, or the owner of the unix socket.
//!
//! The name is the caller's word. What protects it is that only the owner of the state directory and holders of the
//! token can call at all.

use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};
use ripcord_model::{Actor, ActorKind, Person};
use ripcord_people::Identity;

use super::failure::ApiFailure;

/// The header with the actor's name.
pub const ACTOR: &str = "x-ripcord-actor";
/// The header with the actor's kind, `person` or `agent`.
pub const ACTOR_KIND: &str = "x-ripcord-actor-kind";

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
        let name = match single(&parts.headers, ACTOR)? {
            Some(name) => person(name)?,
            None => default_name(parts.extensions.get::<Peer>())?,
        };
        if name == Actor::ripcord().name {
            let message =
                format!("`ripcord` is the name under which Ripcord itself acts: name a person in {ACTOR}");
            return Err(ApiFailure::malformed("bad-actor", message));
        }
        let kind = match single(&parts.headers, ACTOR_KIND)? {
            None | Some("person") => ActorKind::Person,
            Some("agent") => ActorKind::Agent,
            Some(other) => {
                let message = format!("{ACTOR_KIND} is `{other}`: expected `person` or `agent`");
                return Err(ApiFailure::malformed("bad-actor-kind", message));
            }
        };
        Ok(Self(Identity::alone(Actor { kind, name })))
    }
}

fn person(name: &str) -> Result<Person, ApiFailure> {
    Person::new(name).map_err(|error| ApiFailure::malformed("bad-actor", format!("{ACTOR}: {error}")))
}

fn default_name(peer: Option<&Peer>) -> Result<Person, ApiFailure> {
    match peer {
        Some(Peer::Unix(owner)) => Ok(owner.clone()),
        Some(Peer::Tcp) | None => {
            let message = format!("the header {ACTOR} is missing: expected the name of who acts");
            Err(ApiFailure::malformed("no-actor", message))
        }
    }
}

/// The value of a header that may stand there once.
fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, ApiFailure> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let refused = |why| ApiFailure::malformed("bad-actor", format!("the header {name} {why}"));
    if values.next().is_some() {
        return Err(refused("stands there twice: expected once"));
    }
    value.to_str().map(Some).map_err(|_| refused("is not plain ASCII"))
}
