//! What the workload needs in production is there: variables, files, secrets that a command can look up. Presence only:
//! no value is read into an answer, the record or a log.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use ripcord_adapters::outside::requires::{self, Missing};
use ripcord_model::blueprint::{Blueprint, Requires};

use super::{Answer, Check, Inquiry, Reason};

/// What asking may take beyond the commands' own limit.
const SLACK: Duration = Duration::from_secs(5);

pub(super) struct Requirements;

/// What is not there.
struct NotThere(Vec<Missing>);

impl fmt::Display for NotThere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, missing) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(f, "{comma}{missing}")?;
        }
        Ok(())
    }
}

impl Reason for NotThere {
    fn fix(&self) -> String {
        let handed_on = |missing: &Missing| matches!(missing, Missing::NotHandedOn(_));
        if self.0.iter().all(handed_on) {
            return "list it under `environment` of production's workload in ripcord.yaml".to_owned();
        }
        "provide it where Ripcord runs, or mend `gate: requires:` in ripcord.yaml; then ask again".to_owned()
    }
}

#[async_trait]
impl Check for Requirements {
    fn name(&self) -> &'static str {
        "requirements"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.checks.requires.is_some()
    }

    fn limit(&self, blueprint: &Blueprint) -> Duration {
        let timeout = blueprint.checks.requires.as_ref().map(|requires| requires.timeout.to_std());
        timeout.unwrap_or_default() + SLACK
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let Some(requires) = &blueprint.checks.requires else { return Answer::pass("nothing is required") };
        let context = inquiry.connections.context(&blueprint.production);
        let version = blueprint.candidate.version.as_str();
        let missing = requires::missing(requires, &blueprint.production.workload, version, &context).await;
        if missing.is_empty() {
            return Answer::pass(format!("all there: {}", counted(requires)));
        }
        if missing.iter().any(Missing::is_an_answer) {
            Answer::fail(NotThere(missing))
        } else {
            Answer::unknown(NotThere(missing))
        }
    }
}

fn counted(requires: &Requires) -> String {
    let Requires { env, files, commands, timeout: _ } = requires;
    let counts = [(env.len(), "variable"), (files.len(), "file"), (commands.len(), "command")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, what)| if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") })
        .collect();
    counts.join(", ")
}
