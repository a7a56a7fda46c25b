//! `POST /v1/gate`: every check of a release, asked now, recorded nowhere.

use axum::{Json, extract::State};
use ripcord_model::ReleaseName;
use serde::{Deserialize, Serialize};

use super::{
    failure::Answer,
    input::{BodyOf, Expected},
    router::Shared,
};
use crate::GateAnswer;

/// For which release the checks are asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateQuestion {
    /// Its name; it need not exist yet.
    pub release: ReleaseName,
}

impl Expected for GateQuestion {
    const EXAMPLE: &'static str = r#"{"release": "exam-submit-v2"}"#;
}

/// 200 whether the gate would open or not: the answer is in the body.
pub async fn ask(
    State(shared): State<Shared>,
    BodyOf(question): BodyOf<GateQuestion>,
) -> Answer<Json<GateAnswer>> {
    Ok(Json(shared.handle.gate(question.release).await?))
}
