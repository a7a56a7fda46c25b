//! `GET /v1/releases/{name}`: where a release is.

use axum::{Json, extract::State};
use ripcord_engine::Status;

use crate::api::{failure::Answer, input::NamedRelease, router::Shared};

/// Its status now.
pub async fn show(State(shared): State<Shared>, NamedRelease(name): NamedRelease) -> Answer<Json<Status>> {
    Ok(Json(shared.handle.status(name).await?))
}
