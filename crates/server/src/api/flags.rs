//! `/v1/flags/{environment}`: all flags, changes of them, and who has heard of a change.

use std::time::Duration;

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
};
use http::request::Parts;
use ripcord_flags::Edit;
use ripcord_model::EnvironmentName;
use serde::{Deserialize, Serialize};

use super::{
    caller::Caller,
    failure::{Answer, ApiFailure},
    input::{BodyOf, Expected, QueryOf},
    router::Shared,
};
use crate::flags::{ClientView, Confirmation, FlagsView};

/// How long one question waits for clients at most; whoever wants to wait longer asks again.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// The environment named in the path.
pub struct NamedEnvironment(EnvironmentName);

impl<S: Send + Sync> FromRequestParts<S> for NamedEnvironment {
    type Rejection = ApiFailure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiFailure> {
        let refused = |why: String| ApiFailure::malformed("bad-name", why);
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|error| refused(error.body_text()))?;
        EnvironmentName::new(text).map(Self).map_err(|error| refused(error.to_string()))
    }
}

/// A change of flags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagChange {
    /// What is asked for.
    pub change: Edit,
    /// Why, for the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Expected for FlagChange {
    const EXAMPLE: &'static str =
        r#"{"change": {"edit": "set", "flag": "exam-submit-v2", "variant": "off"}, "why": "complaints"}"#;
}

/// Which change clients are asked about, and how long it may take.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientsQuestion {
    /// The number of the change; the newest when absent.
    pub revision: Option<u64>,
    /// How long to wait until nobody is behind, in milliseconds, at most 5,000.
    pub wait_ms: u64,
}

/// The clients of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagClients {
    /// Who has heard of the change.
    pub confirmation: Confirmation,
    /// Everybody who is remembered.
    pub clients: Vec<ClientView>,
}

/// All flags.
pub async fn list(
    State(shared): State<Shared>,
    NamedEnvironment(environment): NamedEnvironment,
) -> Answer<Json<FlagsView>> {
    Ok(Json(shared.handle.flags(&environment)))
}

/// Changes flags; answers with all of them.
pub async fn change(
    State(shared): State<Shared>,
    Caller(identity): Caller,
    NamedEnvironment(environment): NamedEnvironment,
    BodyOf(FlagChange { change, why }): BodyOf<FlagChange>,
) -> Answer<Json<FlagsView>> {
    Ok(Json(shared.handle.change_flags(environment, change, why, identity.actor).await?))
}

/// Who has heard of a change.
pub async fn clients(
    State(shared): State<Shared>,
    NamedEnvironment(environment): NamedEnvironment,
    QueryOf(question): QueryOf<ClientsQuestion>,
) -> Answer<Json<FlagClients>> {
    let within = Duration::from_millis(question.wait_ms).min(WAIT_MAX);
    Ok(Json(shared.handle.flag_clients(&environment, question.revision, within).await))
}
