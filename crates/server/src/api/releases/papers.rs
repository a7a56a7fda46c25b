//! `/v1/releases/{name}/papers`: what people put on record about a release before it goes to production.

use axum::{Json, extract::State};
use ripcord_model::paper::{NewPaper, Noted};
use serde::{Deserialize, Serialize};

use crate::api::{
    caller::Caller,
    failure::Answer,
    input::{BodyOf, Expected, NamedRelease},
    router::Shared,
};

/// A paper to be put on record.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasePaper {
    /// What.
    pub paper: NewPaper,
}

impl Expected for ReleasePaper {
    const EXAMPLE: &'static str = r#"{"paper": {"approval": {"role": "tech lead"}}}"#;
}

/// All papers of the release, oldest first; none for one that nobody wrote about.
pub async fn papers(
    State(shared): State<Shared>,
    NamedRelease(name): NamedRelease,
) -> Answer<Json<Vec<Noted>>> {
    Ok(Json(shared.handle.papers(name).await?))
}

/// All papers of the release with the new one. Whether the caller may is decided by the plan, not here.
pub async fn note(
    State(shared): State<Shared>,
    NamedRelease(name): NamedRelease,
    Caller(who): Caller,
    BodyOf(asked): BodyOf<ReleasePaper>,
) -> Answer<Json<Vec<Noted>>> {
    Ok(Json(shared.handle.note(name, asked.paper, who.actor).await?))
}
