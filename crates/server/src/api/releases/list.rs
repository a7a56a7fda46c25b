//! `GET /v1/releases`: where all releases are, oldest first.

use axum::{Json, extract::State};
use ripcord_engine::Status;

use crate::api::{failure::Answer, router::Shared};

/// All of them, those that are over included.
pub async fn list(State(shared): State<Shared>) -> Answer<Json<Vec<Status>>> {
    Ok(Json(shared.handle.statuses().await?))
}
