//! `/v1/releases/{name}/rehearsals`: begin one, and what they came to.

use axum::{Json, extract::State};
use http::StatusCode;
use ripcord_engine::Status;
use serde::{Deserialize, Serialize};

use crate::{
    Rehearsals,
    api::{
        caller::Caller,
        failure::Answer,
        input::{BodyOf, Expected, NamedRelease},
        router::Shared,
    },
};

/// A rehearsal to begin.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRehearsal {
    /// A shell command that breaks something on purpose; `{address}` and `{version}` of the candidate are put in.
    #[serde(default)]
    pub fault: Option<String>,
}

impl Expected for NewRehearsal {
    const EXAMPLE: &'static str = r#"{"fault": null}"#;
}

/// 201 with the status of the rehearsal, which is a release of its own.
pub async fn rehearse(
    State(shared): State<Shared>,
    NamedRelease(name): NamedRelease,
    Caller(who): Caller,
    BodyOf(new): BodyOf<NewRehearsal>,
) -> Answer<(StatusCode, Json<Status>)> {
    let status = shared.handle.rehearse(name, new.fault, who.actor).await?;
    Ok((StatusCode::CREATED, Json(status)))
}

/// What there is to say about the rehearsals of a release. It need not exist: its plan is compiled then.
pub async fn rehearsals(
    State(shared): State<Shared>,
    NamedRelease(name): NamedRelease,
) -> Answer<Json<Rehearsals>> {
    Ok(Json(shared.handle.rehearsals(name).await?))
}
