//! `/v1/policy`: which rules are in force, and who could do something by them.

use axum::{Json, extract::State};
use ripcord_model::ReleaseName;
use ripcord_people::{Action, Identity, Question, policy::Could};
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        caller::Caller,
        failure::Answer,
        input::{BodyOf, Expected},
        router::Shared,
    },
    people::PolicyStanding,
};

/// Who could do something?
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhoQuestion {
    /// What.
    pub action: Action,
    /// With which release; without, with the service as a whole.
    #[serde(default)]
    pub release: Option<ReleaseName>,
    /// Which step of its way back.
    #[serde(default)]
    pub step: Option<String>,
}

impl Expected for WhoQuestion {
    const EXAMPLE: &'static str = r#"{"action": "approve-release", "release": "exam-submit-v2"}"#;
}

/// Those who could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhoAnswer {
    /// What was asked.
    pub action: Action,
    /// About what.
    pub about: String,
    /// Who could.
    pub could: Could,
    /// As whom the question was asked.
    pub you: Identity,
    /// Whether they could.
    pub you_could: bool,
    /// Why not, if not.
    pub why_not: Option<String>,
}

/// The rules in force, and what is wrong with the files as they stand now.
pub async fn policy(State(shared): State<Shared>) -> Answer<Json<PolicyStanding>> {
    Ok(Json(shared.handle.people.policy()))
}

/// Who could, and whether the caller could.
pub async fn who(
    State(shared): State<Shared>,
    Caller(you): Caller,
    BodyOf(asked): BodyOf<WhoQuestion>,
) -> Answer<Json<WhoAnswer>> {
    let WhoQuestion { action, release, step } = asked;
    let question = match release {
        Some(release) => shared.handle.question(action, release, step.as_deref()).await,
        None => Question::about_service(action, None),
    };
    let people = &shared.handle.people;
    let why_not = people.decide(&you, &question).err().map(|refused| refused.why);
    let (about, could) = (question.about().to_owned(), people.who(&question));
    Ok(Json(WhoAnswer { action, about, could, you_could: why_not.is_none(), you, why_not }))
}
