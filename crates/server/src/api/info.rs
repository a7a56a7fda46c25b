//! `GET /v1/info`: about the control plane itself.

use axum::{Json, extract::State};

use super::{caller::Caller, failure::Answer, router::Shared};
use crate::Info;

/// Its version, process, places and troubles, and who it takes the caller for.
pub async fn show(State(shared): State<Shared>, Caller(you): Caller) -> Answer<Json<Info>> {
    let mut info = shared.handle.info().await?;
    info.people.you = Some(you);
    Ok(Json(info))
}
