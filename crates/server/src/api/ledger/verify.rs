//! `GET /v1/ledger/verify`: whether nothing in the record was changed.

use axum::{Json, extract::State};

use crate::{
    Verification,
    api::{failure::Answer, router::Shared},
};

/// 200 whether it verifies or not: the answer is in the body.
pub async fn verify(State(shared): State<Shared>) -> Answer<Json<Verification>> {
    Ok(Json(shared.handle.verify().await?))
}
