//! `/v1/tokens`: make one, take one back, see which there are.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use http::StatusCode;
use ripcord_model::{Person, Timestamp};
use ripcord_people::{ApiToken, Directory, Role, Scope, TokenId, Wish};
use serde::{Deserialize, Serialize};

use super::wishes::no_random;
use crate::{
    Failure, FailureKind,
    api::{
        caller::Caller,
        failure::{Answer, ApiFailure},
        input::{BodyOf, Expected},
        router::Shared,
        token,
    },
};

/// A token to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// As whom its holder acts.
    pub user: Person,
    /// The roles it is narrowed to; all of the user's when absent.
    #[serde(default)]
    pub roles: Option<BTreeSet<Role>>,
    /// The scopes it is narrowed to; all of the user's when absent.
    #[serde(default)]
    pub scopes: Option<BTreeSet<Scope>>,
    /// What for.
    #[serde(default)]
    pub purpose: Option<String>,
    /// How long it opens something.
    pub lasts: ripcord_model::Duration,
}

impl Expected for NewToken {
    const EXAMPLE: &'static str =
        r#"{"user": "lea", "roles": ["approver"], "purpose": "laptop", "lasts": "30d"}"#;
}

/// A token without what it is recognised by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenShown {
    /// Its id.
    pub id: TokenId,
    /// As whom its holder acts.
    pub user: Person,
    /// The roles it is narrowed to.
    pub roles: Option<BTreeSet<Role>>,
    /// The scopes it is narrowed to.
    pub scopes: Option<BTreeSet<Scope>>,
    /// What for.
    pub purpose: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub expires: Timestamp,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
    /// When it was used last, to the minute or so.
    pub last_used: Option<Timestamp>,
    /// Whether it opens something now.
    pub opens: bool,
}

/// A new token: the only time that its secret is shown.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MadeToken {
    /// Without its secret.
    pub token: TokenShown,
    /// What goes into `authorization: Bearer …`.
    pub secret: String,
}

impl TokenShown {
    fn of(token: &ApiToken, now: Timestamp) -> Self {
        Self {
            id: token.id.clone(),
            user: token.user.clone(),
            roles: token.roles.clone(),
            scopes: token.scopes.clone(),
            purpose: token.purpose.clone(),
            since: token.since,
            expires: token.expires,
            revoked: token.revoked,
            last_used: token.last_used,
            opens: token.revoked.is_none() && token.expires > now,
        }
    }
}

/// All tokens, by user.
pub async fn tokens(State(shared): State<Shared>) -> Answer<Json<Vec<TokenShown>>> {
    let people = &shared.handle.people;
    Ok(Json(all(&people.directory(), people.now())))
}

fn all(directory: &Directory, now: Timestamp) -> Vec<TokenShown> {
    let mut shown: Vec<_> = directory.tokens().map(|token| TokenShown::of(token, now)).collect();
    shown.sort_by(|a, b| (&a.user, a.since, &a.id).cmp(&(&b.user, b.since, &b.id)));
    shown
}

/// 201 with the token and its secret.
pub async fn create(
    State(shared): State<Shared>,
    Caller(who): Caller,
    BodyOf(new): BodyOf<NewToken>,
) -> Answer<(StatusCode, Json<MadeToken>)> {
    let secret = token::generate().map_err(|error| no_random(&error))?;
    let (hash, now) = (secret.hash(), shared.handle.people.now());
    let NewToken { user, roles, scopes, purpose, lasts } = new;
    let wish = Wish::CreateToken { hash, user, roles, scopes, purpose, expires: now.plus(lasts) };
    let directory = shared.handle.wish(wish, who.actor).await?;
    let token = directory.token(&hash.id()).ok_or_else(|| {
        Failure::new(FailureKind::Internal, "token-lost", "the token that was made is not there")
    })?;
    let made = MadeToken { token: TokenShown::of(token, now), secret: secret.reveal().to_owned() };
    Ok((StatusCode::CREATED, Json(made)))
}

/// All tokens afterwards.
pub async fn revoke(
    State(shared): State<Shared>,
    id: Result<Path<String>, PathRejection>,
    Caller(who): Caller,
) -> Answer<Json<Vec<TokenShown>>> {
    let refused = |why: String| ApiFailure::malformed("bad-id", why);
    let Path(id) = id.map_err(|error| refused(error.body_text()))?;
    let id: TokenId =
        id.parse().map_err(|error: ripcord_people::InvalidTokenId| refused(error.to_string()))?;
    let directory = shared.handle.wish(Wish::RevokeToken { id }, who.actor).await?;
    Ok(Json(all(&directory, shared.handle.people.now())))
}
