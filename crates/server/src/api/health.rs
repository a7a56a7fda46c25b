//! `GET /healthz`: whether the loop answers. The only route without a token.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{failure::Answer, router::Shared};

/// 200 when the loop answers, whatever else may be wrong; 503 when it has ended.
pub async fn show(State(shared): State<Shared>) -> Answer<Json<Value>> {
    shared.handle.info().await?;
    Ok(Json(json!({ "status": "ok" })))
}
