//! `GET /v1/info`: about the control plane itself.

use axum::{Json, extract::State};

use super::{failure::Answer, router::Shared};
use crate::Info;

/// Its version, process, places and troubles.
pub async fn show(State(shared): State<Shared>) -> Answer<Json<Info>> {
    Ok(Json(shared.handle.info().await?))
}
