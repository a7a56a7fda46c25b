//! What the release relies on answers now: it would be blamed for what its payment service does.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use ripcord_adapters::outside::downstream::{self, DownstreamTrouble};
use ripcord_model::blueprint::{Blueprint, Downstream};
use tokio::task::JoinSet;

use super::{Answer, Check, Inquiry, Reason};

/// What asking may take beyond the slowest service's own limit.
const SLACK: Duration = Duration::from_secs(5);

pub(super) struct DownstreamAnswers;

/// Those that do not answer well.
struct Unwell(Vec<(String, DownstreamTrouble)>);

impl fmt::Display for Unwell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, trouble)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(f, "{comma}{name} {trouble}")?;
        }
        Ok(())
    }
}

impl Reason for Unwell {
    fn fix(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        format!(
            "bring {} back, or mend `gate: downstream:` in ripcord.yaml; then ask again",
            names.join(", ")
        )
    }
}

#[async_trait]
impl Check for DownstreamAnswers {
    fn name(&self) -> &'static str {
        "downstream"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        !blueprint.checks.downstream.is_empty()
    }

    fn limit(&self, blueprint: &Blueprint) -> Duration {
        let timeouts = blueprint.checks.downstream.iter().map(|service| service.timeout.to_std());
        timeouts.max().unwrap_or_default() + SLACK
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let answers = ask_all(&inquiry.question.blueprint.checks.downstream).await;
        let (well, unwell): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, answer)| answer.is_ok());
        let unwell: Vec<_> =
            unwell.into_iter().filter_map(|(name, answer)| Some((name, answer.err()?))).collect();
        if unwell.is_empty() {
            let slowest = well.iter().filter_map(|(_, answer)| answer.as_ref().ok()).max();
            let slowest = slowest.copied().unwrap_or_default().as_millis();
            return Answer::pass(match well.as_slice() {
                [(only, _)] => format!("{only} answers in {slowest} ms"),
                _ => format!("all {} services answer, the slowest in {slowest} ms", well.len()),
            });
        }
        // One that says no is a failure, whatever the silent ones would have said.
        if unwell.iter().any(|(_, trouble)| trouble.is_an_answer()) {
            Answer::fail(Unwell(unwell))
        } else {
            Answer::unknown(Unwell(unwell))
        }
    }
}

/// All at once, answered in the order in which they are written.
async fn ask_all(services: &[Downstream]) -> Vec<(String, Result<Duration, DownstreamTrouble>)> {
    let mut asked = JoinSet::new();
    for (number, service) in services.iter().cloned().enumerate() {
        asked.spawn(async move {
            let answer = downstream::ask(&service).await;
            (number, service.name, answer)
        });
    }
    let mut answers = asked.join_all().await;
    answers.sort_by_key(|(number, ..)| *number);
    answers.into_iter().map(|(_, name, answer)| (name, answer)).collect()
}
