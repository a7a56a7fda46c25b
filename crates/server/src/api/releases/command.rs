//! `POST /v1/releases/{name}/commands`: what people ask of a release.

use axum::{Json, extract::State};
use ripcord_engine::{Command, Status};
use serde::{Deserialize, Serialize};

use crate::api::{
    caller::Caller,
    failure::Answer,
    input::{BodyOf, Expected, NamedRelease},
    router::Shared,
};

/// A command for a release.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseCommand {
    /// What is asked.
    pub command: Command,
}

impl Expected for ReleaseCommand {
    const EXAMPLE: &'static str =
        r#"{"command": {"rollback": {"why": "students lose answers", "level": null}}}"#;
}

/// The status after it. Whether the caller may is decided by the release, not here.
pub async fn command(
    State(shared): State<Shared>,
    NamedRelease(name): NamedRelease,
    Caller(who): Caller,
    BodyOf(asked): BodyOf<ReleaseCommand>,
) -> Answer<Json<Status>> {
    Ok(Json(shared.handle.command(name, asked.command, who.actor).await?))
}
