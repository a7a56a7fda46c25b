//! `GET /v1/releases/{name}/messages`: what was told to whom about a release, what failed, what is due next.

use axum::{Json, extract::State};
use ripcord_comms::Messages;

use crate::api::{failure::Answer, input::NamedRelease, router::Shared};

/// What happened, oldest first, and what is due, soonest first.
pub async fn messages(
    State(shared): State<Shared>,
    NamedRelease(name): NamedRelease,
) -> Answer<Json<Messages>> {
    Ok(Json(shared.handle.messages(name).await?))
}
