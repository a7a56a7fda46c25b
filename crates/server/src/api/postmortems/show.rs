//! `GET /v1/postmortems/{id}`: one of them.

use axum::{Json, extract::State};

use super::NamedPostMortem;
use crate::{
    api::{failure::Answer, router::Shared},
    post_mortem::PostMortemState,
};

/// One post-mortem.
pub async fn show(
    State(shared): State<Shared>,
    NamedPostMortem(id): NamedPostMortem,
) -> Answer<Json<PostMortemState>> {
    Ok(Json(shared.handle.post_mortem(id).await?))
}
