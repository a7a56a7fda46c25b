//! It is known where the way back leads, and that place is warm.

use async_trait::async_trait;
use ripcord_model::{EnvironmentName, VersionName};

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct LastGood;

#[derive(Debug, thiserror::Error)]
enum Cold {
    #[error("last good is unknown, so there is no way back")]
    Unknown,
    #[error("last good is the candidate itself: {0} would go back to {0}")]
    Same(VersionName),
    #[error("{version} does not run in {environment} under Ripcord, so traffic could not return to it")]
    DoesNotRun { version: VersionName, environment: EnvironmentName, recorded: bool },
    #[error("nobody could say whether {version} runs in {environment}: {why}")]
    Unanswered { version: VersionName, environment: EnvironmentName, why: String },
}

impl Reason for Cold {
    fn fix(&self) -> String {
        match self {
            Self::Unknown => {
                "name the version that runs now as `last_good` in the plan; later releases know it by themselves"
                    .to_owned()
            }
            Self::Same(_) => "name another version as `version` or as `last_good`".to_owned(),
            Self::DoesNotRun { recorded: false, .. } => {
                "`ripcord ship` starts it and asks again; nothing is needed before".to_owned()
            }
            Self::DoesNotRun { environment, version, .. } => {
                format!("look at the log of {version} in the state directory under workload-{environment}")
            }
            Self::Unanswered { environment, .. } => {
                format!("check the workload of {environment} in ripcord.yaml, then ask again")
            }
        }
    }
}

#[async_trait]
impl Check for LastGood {
    fn name(&self) -> &'static str {
        "last-good"
    }

    fn never_overridden(&self) -> Option<&'static str> {
        Some("it is where the way back leads")
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let Some(last_good) = &blueprint.last_good else { return Answer::fail(Cold::Unknown) };
        let version = last_good.version.clone();
        if *last_good == blueprint.candidate {
            return Answer::fail(Cold::Same(version));
        }
        let environment = blueprint.production.name.clone();
        match inquiry.connections.workload(&blueprint.production).read_back().await {
            Err(error) => Answer::unknown(Cold::Unanswered { version, environment, why: error.to_string() }),
            Ok(instances) => match instances.iter().filter(|instance| instance.version == version).count() {
                0 => Answer::fail(Cold::DoesNotRun {
                    version,
                    environment,
                    recorded: inquiry.question.recorded,
                }),
                1 => Answer::pass(format!("the way back leads to {version}, which runs in 1 instance")),
                count => {
                    Answer::pass(format!("the way back leads to {version}, which runs in {count} instances"))
                }
            },
        }
    }
}
