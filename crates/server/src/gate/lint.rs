//! The plan lints clean, and the files still say what the blueprint says.

use std::sync::Arc;

use async_trait::async_trait;
use ripcord_model::{ReleaseName, blueprint::BlueprintHash};

use super::{Answer, Check, Inquiry, Reason};
use crate::{failure::Failure, fixed};

pub(super) struct Lint;

#[derive(Debug, thiserror::Error)]
enum Dirty {
    #[error("the plan does not compile any more: {}", first_line(&.0.message))]
    DoesNotCompile(Failure),
    #[error("the files changed since the blueprint was made: it was {was}, they now compile to {is}")]
    Changed { release: ReleaseName, was: String, is: String },
    #[error("the plan could not be read: {0}")]
    Unread(String),
}

impl Reason for Dirty {
    fn fix(&self) -> String {
        match self {
            Self::DoesNotCompile(_) => "run `ripcord lint` and mend what it names".to_owned(),
            Self::Changed { release, .. } => {
                format!(
                    "undo the change; or `ripcord cancel {release} --why \"…\"`, give the changed plan a new name, \
                     and ship that"
                )
            }
            Self::Unread(_) => "make sure that the server can read the repository, then ask again".to_owned(),
        }
    }
}

#[async_trait]
impl Check for Lint {
    fn name(&self) -> &'static str {
        "lint-clean"
    }

    fn never_overridden(&self) -> Option<&'static str> {
        Some("a plan that does not lint, or has changed, is not the one whose way back was looked at")
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = Arc::clone(&inquiry.question.blueprint);
        let plans = Arc::clone(&inquiry.plans);
        let (release, last_good) = (blueprint.release.clone(), blueprint.last_good.clone());
        let compiled = tokio::task::spawn_blocking(move || plans.compile(&release, last_good)).await;
        match compiled {
            Err(error) => Answer::unknown(Dirty::Unread(error.to_string())),
            Ok(Err(failure)) => Answer::fail(Dirty::DoesNotCompile(failure)),
            Ok(Ok(now)) => {
                compare(&blueprint.hash(), &fixed::as_of(&blueprint, now).hash(), &blueprint.release)
            }
        }
    }
}

fn compare(was: &BlueprintHash, is: &BlueprintHash, release: &ReleaseName) -> Answer {
    if was == is {
        return Answer::pass(format!("the plan lints clean and compiles to blueprint {}", was.short()));
    }
    let (was, is) = (was.short().to_owned(), is.short().to_owned());
    Answer::fail(Dirty::Changed { release: release.clone(), was, is })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
