//! The commit that goes out has passed its build.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use ripcord_adapters::ci::{self, About, CiTrouble, Passed};
use ripcord_model::blueprint::Blueprint;
use tokio::task::JoinSet;

use super::{Answer, Check, Inquiry, Reason, answer::LIMIT_MAX};

/// What asking may take beyond the sources' own limits.
const SLACK: Duration = Duration::from_secs(5);
/// How many answers a source is given time for; long lists come in pages.
const ANSWERS: u32 = 6;

pub(super) struct Build;

/// What the sources said that do not say yes.
struct Red(Vec<CiTrouble>);

impl fmt::Display for Red {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, trouble) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(f, "{comma}{trouble}")?;
        }
        Ok(())
    }
}

impl Reason for Red {
    fn fix(&self) -> String {
        self.0.first().map(fix).unwrap_or_default()
    }
}

fn fix(trouble: &CiTrouble) -> String {
    match trouble {
        CiTrouble::Failed(_) => "mend the build, then ship a commit that passes".to_owned(),
        CiTrouble::Pending(_) => "wait for the build, then ask again".to_owned(),
        CiTrouble::Nothing { .. } => {
            "push the commit and let its build run, or mend `gate: ci:` in ripcord.yaml".to_owned()
        }
        CiTrouble::NoCommit => "run Ripcord inside the repository, with `git` installed".to_owned(),
        CiTrouble::NoToken(name) => format!("set {name} where Ripcord runs"),
        CiTrouble::Unauthorised { .. } => {
            "give Ripcord a token that is valid and may read statuses and checks".to_owned()
        }
        CiTrouble::RateLimited { .. } => "wait, then ask again".to_owned(),
        CiTrouble::NotFound { .. } => {
            "push the commit, mend the name in `gate: ci:`, or give Ripcord a token that may see it"
                .to_owned()
        }
        CiTrouble::OtherCommit { .. } | CiTrouble::Status { .. } | CiTrouble::Garbage { .. } => {
            "look whether `api` or `url` of `gate: ci:` leads to the right place, then ask again".to_owned()
        }
        CiTrouble::Silent { .. } | CiTrouble::Unasked { .. } => {
            "bring it back, or mend `gate: ci:` in ripcord.yaml; then ask again".to_owned()
        }
    }
}

#[async_trait]
impl Check for Build {
    fn name(&self) -> &'static str {
        "ci"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        !blueprint.checks.ci.is_empty()
    }

    fn limit(&self, blueprint: &Blueprint) -> Duration {
        let slowest = blueprint.checks.ci.iter().map(|ci| ci.timeout.to_std()).max();
        (slowest.unwrap_or_default().saturating_mul(ANSWERS) + SLACK).min(LIMIT_MAX)
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let context = inquiry.connections.context(&blueprint.production);
        let mut asked = JoinSet::new();
        for (number, source) in blueprint.checks.ci.iter().cloned().enumerate() {
            let (commit, version) = (blueprint.checks.commit.clone(), blueprint.candidate.version.clone());
            let context = context.clone();
            asked.spawn(async move {
                let about = About { commit: commit.as_deref(), version: version.as_str() };
                (number, ci::ask(&source, about, &context).await)
            });
        }
        let mut answers = asked.join_all().await;
        answers.sort_by_key(|(number, _)| *number);
        let (mut green, mut red) = (Vec::new(), Vec::new());
        for (_, answer) in answers {
            match answer {
                Ok(Passed(seen)) => green.push(seen),
                Err(trouble) => red.push(trouble),
            }
        }
        if red.is_empty() {
            return Answer::pass(green.join("; "));
        }
        // What is known to be bad comes first, in the reason and in the fix.
        red.sort_by_key(|trouble| !trouble.is_an_answer());
        if red[0].is_an_answer() { Answer::fail(Red(red)) } else { Answer::unknown(Red(red)) }
    }
}
