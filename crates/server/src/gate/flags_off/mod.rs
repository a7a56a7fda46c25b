//! The flags of the changes: off in production before the release, so that a flag is switched on by a decision and not
//! by a deployment; and never used before for another change ([`keys`]).

pub(super) mod keys;

use async_trait::async_trait;
use ripcord_model::{EnvironmentName, blueprint::Blueprint};

use super::{Answer, Check, Inquiry, Reason, answer::LIMIT_MAX};

pub(super) struct FlagsOff;

#[derive(Debug, thiserror::Error)]
enum Lit {
    #[error("nothing reads flags in {0}, so nobody knows whether they are off")]
    NoFlags(EnvironmentName),
    #[error("{} in {environment} before the release", are_on(.flags))]
    On { flags: Vec<String>, environment: EnvironmentName },
    #[error("nobody could say whether flag {flag} is off: {why}")]
    Unanswered { flag: String, why: String },
}

fn are_on(flags: &[String]) -> String {
    match flags {
        [one] => format!("flag {one} is on"),
        _ => format!("flags {} are on", flags.join(", ")),
    }
}

impl Reason for Lit {
    fn fix(&self) -> String {
        match self {
            Self::NoFlags(environment) => {
                format!("say under `environments: {environment}: flags:` how flags are set and read")
            }
            Self::On { flags, .. } => {
                format!(
                    "switch {} off, and on again when the version that needs it is there",
                    flags.join(", ")
                )
            }
            Self::Unanswered { .. } => "mend `flags` in ripcord.yaml, then ask again".to_owned(),
        }
    }
}

/// The flags of the changes, each once.
fn flags(blueprint: &Blueprint) -> Vec<&str> {
    let mut flags: Vec<&str> = blueprint.changes.iter().filter_map(|change| change.flag.as_deref()).collect();
    flags.sort_unstable();
    flags.dedup();
    flags
}

#[async_trait]
impl Check for FlagsOff {
    fn name(&self) -> &'static str {
        "flags-off"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.checks.flags_off
    }

    fn limit(&self, blueprint: &Blueprint) -> std::time::Duration {
        // One after the other, and the check itself.
        let timeout = blueprint.production.flags.as_ref().map(|flags| flags.timeout.to_std());
        let count = u32::try_from(flags(blueprint).len()).unwrap_or(u32::MAX);
        (timeout.unwrap_or_default().saturating_mul(count) + std::time::Duration::from_secs(5)).min(LIMIT_MAX)
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let production = &blueprint.production;
        let keys = flags(blueprint);
        if keys.is_empty() {
            return Answer::pass("no change of this release has a flag");
        }
        let Some(connected) = inquiry.connections.flags(production) else {
            return Answer::unknown(Lit::NoFlags(production.name.clone()));
        };
        let mut on = Vec::new();
        for flag in &keys {
            match connected.get(flag).await {
                Ok(false) => {}
                Ok(true) => on.push((*flag).to_owned()),
                Err(error) => {
                    let (flag, why) = ((*flag).to_owned(), error.to_string());
                    return Answer::unknown(Lit::Unanswered { flag, why });
                }
            }
        }
        if on.is_empty() {
            return Answer::pass(match keys.as_slice() {
                [one] => format!("flag {one} is off in {}", production.name),
                _ => format!("flags {} are off in {}", keys.join(", "), production.name),
            });
        }
        Answer::fail(Lit::On { flags: on, environment: production.name.clone() })
    }
}
