//! `POST /v1/releases/{name}/freeze-exceptions`: an approver lets a hotfix move during a freeze.

use axum::{Json, extract::State};
use ripcord_model::paper::{NewFreezeException, Noted};

use crate::api::{
    caller::Caller,
    failure::Answer,
    input::{BodyOf, Expected, NamedRelease},
    router::Shared,
};

impl Expected for NewFreezeException {
    const EXAMPLE: &'static str =
        r#"{"reason": "answers are lost for one in ten students", "expires": "4h"}"#;
}

/// All papers of the release with the exception.
pub async fn except_freeze(
    State(shared): State<Shared>,
    NamedRelease(name): NamedRelease,
    Caller(who): Caller,
    BodyOf(new): BodyOf<NewFreezeException>,
) -> Answer<Json<Vec<Noted>>> {
    Ok(Json(shared.handle.except_freeze(name, new, who.actor).await?))
}
