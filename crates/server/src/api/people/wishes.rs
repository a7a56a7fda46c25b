//! `POST /v1/people`, `POST` and `DELETE /v1/people/{person}`: set people up, change them, let them go.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use http::StatusCode;
use ripcord_model::Person;
use ripcord_people::{PasswordHash, Role, Scope, UserKind, Wish};
use serde::{Deserialize, Serialize};

use super::SomeBody;
use crate::{
    Failure, FailureKind,
    api::{
        caller::Caller,
        failure::{Answer, ApiFailure},
        input::{BodyOf, Expected},
        router::Shared,
    },
};

/// Somebody to be set up.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// By which name.
    pub name: Person,
    /// A person or an agent.
    pub kind: UserKind,
    /// Trusted with what in general.
    pub roles: BTreeSet<Role>,
    /// Trusted with what in particular.
    #[serde(default)]
    pub scopes: BTreeSet<Scope>,
    /// A password, in the clear; kept as Argon2id only.
    #[serde(default)]
    pub password: Option<String>,
}

impl Expected for NewPerson {
    const EXAMPLE: &'static str =
        r#"{"name": "lea", "kind": "person", "roles": ["approver"], "scopes": ["data"]}"#;
}

/// What is to be changed; what is absent stays.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedPerson {
    /// All their roles from now on.
    #[serde(default)]
    pub roles: Option<BTreeSet<Role>>,
    /// All their scopes from now on.
    #[serde(default)]
    pub scopes: Option<BTreeSet<Scope>>,
    /// A new password, in the clear.
    #[serde(default)]
    pub password: Option<String>,
}

impl Expected for ChangedPerson {
    const EXAMPLE: &'static str = r#"{"roles": ["operator", "approver"], "scopes": ["data"]}"#;
}

/// 201 with everybody.
pub async fn add(
    State(shared): State<Shared>,
    Caller(who): Caller,
    BodyOf(new): BodyOf<NewPerson>,
) -> Answer<(StatusCode, Json<Vec<SomeBody>>)> {
    let NewPerson { name, kind, roles, scopes, password } = new;
    let password = hashed(password).await?;
    let all = shared.handle.wish(Wish::Add { name, kind, roles, scopes, password }, who.actor).await?;
    Ok((StatusCode::CREATED, Json(SomeBody::all(&all, shared.handle.people.now()))))
}

/// Everybody afterwards.
pub async fn change(
    State(shared): State<Shared>,
    name: Result<Path<String>, PathRejection>,
    Caller(who): Caller,
    BodyOf(changed): BodyOf<ChangedPerson>,
) -> Answer<Json<Vec<SomeBody>>> {
    let name = person(name)?;
    let ChangedPerson { roles, scopes, password } = changed;
    let password = hashed(password).await?;
    let all = shared.handle.wish(Wish::Change { name, roles, scopes, password }, who.actor).await?;
    Ok(Json(SomeBody::all(&all, shared.handle.people.now())))
}

/// Everybody afterwards. Tokens of whoever left are revoked.
pub async fn remove(
    State(shared): State<Shared>,
    name: Result<Path<String>, PathRejection>,
    Caller(who): Caller,
) -> Answer<Json<Vec<SomeBody>>> {
    let all = shared.handle.wish(Wish::Remove { name: person(name)? }, who.actor).await?;
    Ok(Json(SomeBody::all(&all, shared.handle.people.now())))
}

fn person(name: Result<Path<String>, PathRejection>) -> Result<Person, ApiFailure> {
    let refused = |why: String| ApiFailure::malformed("bad-name", why);
    let Path(name) = name.map_err(|error| refused(error.body_text()))?;
    Person::new(name).map_err(|error| refused(error.to_string()))
}

/// Argon2id takes its time on purpose, so it is not done where requests are answered.
async fn hashed(password: Option<String>) -> Result<Option<PasswordHash>, ApiFailure> {
    let Some(password) = password else { return Ok(None) };
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| no_random(&error))?;
    let hash = tokio::task::spawn_blocking(move || PasswordHash::of(&password, salt)).await;
    let hash = hash.map_err(|error| {
        Failure::new(FailureKind::Internal, "password-panicked", format!("no hash was made: {error}"))
    })?;
    hash.map(Some).map_err(|error| ApiFailure::malformed("bad-password", error.to_string()))
}

pub(super) fn no_random(error: &getrandom::Error) -> Failure {
    let message = format!("the system gives no random bytes: {error}");
    Failure::new(FailureKind::Unavailable, "no-random", message)
}
