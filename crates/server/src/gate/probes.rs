//! The probes pass on last good in production: a probe that fails on the good version says nothing about a bad one.

use async_trait::async_trait;

use super::{Answer, Check, Inquiry, Reason};
use crate::executor::{probe, trouble::Trouble};

pub(super) struct Probes;

#[derive(Debug, thiserror::Error)]
enum Unwell {
    #[error("there is no last good to probe")]
    NoLastGood,
    #[error("last good does not pass its probes: {0}")]
    Refused(String),
    #[error("last good could not be probed: {0}")]
    Unanswered(String),
}

impl Reason for Unwell {
    fn fix(&self) -> String {
        match self {
            Self::NoLastGood => "name the version that runs now as `last_good` in the plan".to_owned(),
            Self::Refused(_) | Self::Unanswered(_) => {
                "make the version that runs now healthy, or mend `probes` in ripcord.yaml".to_owned()
            }
        }
    }
}

#[async_trait]
impl Check for Probes {
    fn name(&self) -> &'static str {
        "probes"
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let Some(last_good) = &blueprint.last_good else { return Answer::fail(Unwell::NoLastGood) };
        let version = &last_good.version;
        match probe::perform(&inquiry.connections, &blueprint.production, version).await {
            Ok(_) if blueprint.production.probes.is_empty() => Answer::pass(format!(
                "{version} runs; no probe is configured for {}",
                blueprint.production.name
            )),
            Ok(_) => {
                let count = blueprint.production.probes.len();
                Answer::pass(format!("{version} passes {count} of {count} probes on every instance"))
            }
            Err(Trouble::Permanent(reason)) => Answer::unknown(Unwell::Unanswered(reason)),
            Err(trouble @ (Trouble::Transient(_) | Trouble::Superseded(_))) => {
                Answer::fail(Unwell::Refused(trouble.reason()))
            }
        }
    }
}
