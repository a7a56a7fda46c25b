//! `POST /v1/runbook-runs/{run}/approvals`: somebody agrees to a step of level migration or data.

use axum::{
    Json,
    extract::{Path, State},
};

use crate::{
    api::{
        caller::Caller,
        failure::Answer,
        input::{BodyOf, Expected},
        router::Shared,
    },
    runbooks::{NewStepApproval, StepApproval},
};

impl Expected for NewStepApproval {
    const EXAMPLE: &'static str = r#"{"step": "undo-attempts", "why": "the restore point is right"}"#;
}

/// The approval as it is on record.
pub async fn approve(
    State(shared): State<Shared>,
    Path(run): Path<String>,
    Caller(who): Caller,
    BodyOf(new): BodyOf<NewStepApproval>,
) -> Answer<Json<StepApproval>> {
    Ok(Json(shared.handle.approve_run(run, new, who.actor).await?))
}
