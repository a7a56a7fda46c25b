//! Every step of the way back can be executed by what is connected, and the router answers.

use async_trait::async_trait;
use ripcord_adapters::port::AdapterError;
use ripcord_model::{
    EnvironmentName,
    blueprint::{Blueprint, WayBackAction, WayBackStep},
};

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct WayBackExecutable;

#[derive(Debug, thiserror::Error)]
enum Barred {
    #[error("the way back has no step")]
    Empty,
    #[error("step `{step}` switches flag `{flag}`, but nothing switches flags in {environment}")]
    NoFlags { step: String, flag: String, environment: EnvironmentName },
    #[error("step `{step}` needs a database adapter, and this version of Ripcord has none")]
    NoDatabase { step: String, change: String },
    #[error("the router of {environment} has never been told anything by Ripcord")]
    RouterUntold { environment: EnvironmentName, recorded: bool },
    #[error("step `{step}` cannot be prepared: {why}")]
    Unanswered { step: String, why: String },
}

impl Reason for Barred {
    fn fix(&self) -> String {
        match self {
            Self::Empty => "give every change a `back` in the plan".to_owned(),
            Self::NoFlags { environment, .. } => format!("add `flags` with `set` and `get` to {environment}"),
            Self::NoDatabase { change, .. } => {
                format!(
                    "ship `{change}` apart, by hand, with its own rollback; or give it a level that can be executed"
                )
            }
            Self::RouterUntold { recorded: false, .. } => {
                "`ripcord ship` sends all traffic to last good first and asks again; nothing is needed before"
                    .to_owned()
            }
            Self::RouterUntold { environment, .. } => {
                format!("check the router of {environment} in ripcord.yaml")
            }
            Self::Unanswered { .. } => "mend what does not answer, then ask again".to_owned(),
        }
    }

    fn owner(&self, blueprint: &Blueprint) -> String {
        match self {
            Self::NoDatabase { change, .. } => {
                let found = blueprint.changes.iter().find(|candidate| candidate.id == *change);
                found.map_or(&blueprint.owner, |found| &found.owner).to_string()
            }
            Self::Empty | Self::NoFlags { .. } | Self::RouterUntold { .. } | Self::Unanswered { .. } => {
                blueprint.owner.to_string()
            }
        }
    }
}

#[async_trait]
impl Check for WayBackExecutable {
    fn name(&self) -> &'static str {
        "way-back"
    }

    fn never_overridden(&self) -> Option<&'static str> {
        Some("nothing leaves the gate without a way back")
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let way_back = &inquiry.question.blueprint.way_back;
        if way_back.steps.is_empty() {
            return Answer::fail(Barred::Empty);
        }
        for step in &way_back.steps {
            if let Some(blocked) = ask_step(inquiry, step).await {
                return blocked;
            }
        }
        let (count, budget) = (way_back.steps.len(), way_back.budget.human());
        Answer::pass(format!("all {count} steps can be executed, within {budget} by their budgets"))
    }
}

/// `None` when the step can be executed.
async fn ask_step(inquiry: &Inquiry, step: &WayBackStep) -> Option<Answer> {
    match &step.action {
        WayBackAction::FlagOff { flag } => ask_flag(inquiry, step, flag).await,
        WayBackAction::TrafficToLastGood => ask_router(inquiry, step).await,
        WayBackAction::UndoMigration { change } | WayBackAction::RestoreData { change } => {
            Some(Answer::fail(Barred::NoDatabase { step: step.id.clone(), change: change.clone() }))
        }
        // Workload and probes have checks of their own.
        WayBackAction::WithdrawCandidate | WayBackAction::VerifyRecovery => None,
    }
}

async fn ask_flag(inquiry: &Inquiry, step: &WayBackStep, flag: &str) -> Option<Answer> {
    let production = &inquiry.question.blueprint.production;
    let Some(flags) = inquiry.connections.flags(production) else {
        let (step, flag, environment) = (step.id.clone(), flag.to_owned(), production.name.clone());
        return Some(Answer::fail(Barred::NoFlags { step, flag, environment }));
    };
    flags.get(flag).await.err().map(|error| unanswered(step, &error))
}

async fn ask_router(inquiry: &Inquiry, step: &WayBackStep) -> Option<Answer> {
    let production = &inquiry.question.blueprint.production;
    match inquiry.connections.router(production).read_back().await {
        Ok(Some(_)) => None,
        Ok(None) => {
            let (environment, recorded) = (production.name.clone(), inquiry.question.recorded);
            Some(Answer::fail(Barred::RouterUntold { environment, recorded }))
        }
        Err(error) => Some(unanswered(step, &error)),
    }
}

fn unanswered(step: &WayBackStep, error: &AdapterError) -> Answer {
    Answer::unknown(Barred::Unanswered { step: step.id.clone(), why: error.to_string() })
}
