//! `GET /v1/releases/{name}/blueprint`: the plan compiled, as it is executed.

use axum::{Json, extract::State};
use ripcord_model::blueprint::Blueprint;

use crate::api::{failure::Answer, input::NamedRelease, router::Shared};

/// The blueprint the release was created with.
pub async fn blueprint(
    State(shared): State<Shared>,
    NamedRelease(name): NamedRelease,
) -> Answer<Json<Blueprint>> {
    Ok(Json(shared.handle.blueprint(name).await?))
}
