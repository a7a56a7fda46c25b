//! `POST /v1/releases`: compile a plan, record it as a release and, if asked, begin.

use axum::{Json, extract::State};
use http::StatusCode;
use ripcord_engine::Status;
use ripcord_model::ReleaseName;
use serde::{Deserialize, Serialize};

use crate::api::{
    caller::Caller,
    failure::Answer,
    input::{BodyOf, Expected},
    router::Shared,
};

/// A release to be made from `releases/NAME.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRelease {
    /// Its name.
    pub release: ReleaseName,
    /// Whether it begins at once; otherwise it waits in state planned.
    #[serde(default)]
    pub ship: bool,
}

impl Expected for NewRelease {
    const EXAMPLE: &'static str = r#"{"release": "exam-submit-v2", "ship": true}"#;
}

/// 201 with its status. The same plan again is no error.
pub async fn ship(
    State(shared): State<Shared>,
    Caller(who): Caller,
    BodyOf(new): BodyOf<NewRelease>,
) -> Answer<(StatusCode, Json<Status>)> {
    let status = shared.handle.ship(new.release, who.actor, new.ship).await?;
    Ok((StatusCode::CREATED, Json(status)))
}
