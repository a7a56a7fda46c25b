//! `POST /v1/releases/{name}/overrides`: an executive accepts a check that does not pass.

use axum::{Json, extract::State};
use http::StatusCode;
use ripcord_model::paper::NewOverride;

use crate::{
    api::{
        caller::Caller,
        failure::Answer,
        input::{BodyOf, Expected, NamedRelease},
        router::Shared,
    },
    post_mortem::PostMortemState,
};

impl Expected for NewOverride {
    const EXAMPLE: &'static str =
        r#"{"check": "rehearsal", "reason": "the exam begins at noon", "expires": "4h"}"#;
}

/// 201 with the post-mortem that was opened. The gate is asked first.
pub async fn override_check(
    State(shared): State<Shared>,
    NamedRelease(name): NamedRelease,
    Caller(who): Caller,
    BodyOf(new): BodyOf<NewOverride>,
) -> Answer<(StatusCode, Json<PostMortemState>)> {
    let opened = shared.handle.override_check(name, new, who.actor).await?;
    Ok((StatusCode::CREATED, Json(opened)))
}
