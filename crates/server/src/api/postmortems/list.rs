//! `GET /v1/postmortems`: all of them, oldest first.

use axum::{Json, extract::State};

use crate::{
    api::{failure::Answer, router::Shared},
    post_mortem::PostMortemState,
};

/// All post-mortems, oldest first. Pages that could not be written before are tried again.
pub async fn list(State(shared): State<Shared>) -> Answer<Json<Vec<PostMortemState>>> {
    Ok(Json(shared.handle.post_mortems().await?))
}
