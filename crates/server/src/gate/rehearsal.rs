//! The way back has a confirmed time: it was walked in staging, by the code that would walk it in production, not long
//! ago, within its budget, and nothing it depends on has changed since.

use async_trait::async_trait;
use ripcord_model::ReleaseName;

use super::{Answer, Check, Inquiry, Reason};
use crate::rehearsal::{RehearsalBook, Standing, stands};

pub(super) struct Rehearsed(pub(super) RehearsalBook);

#[derive(Debug, thiserror::Error)]
#[error("{standing}")]
struct NotConfirmed {
    release: ReleaseName,
    standing: Standing,
}

impl Reason for NotConfirmed {
    fn fix(&self) -> String {
        match &self.standing {
            Standing::NoStaging => "add `staging` to `environments` in ripcord.yaml".to_owned(),
            Standing::NoRunbook { .. } => "put the runbook where the plan says it is".to_owned(),
            Standing::OverBudget { .. } => {
                format!(
                    "make the slowest step faster or its budget larger, then: `ripcord rehearse {}`",
                    self.release
                )
            }
            Standing::Missing
            | Standing::Failed { .. }
            | Standing::Void { .. }
            | Standing::Expired { .. }
            | Standing::Confirmed { .. } => format!("`ripcord rehearse {}`", self.release),
        }
    }
}

#[async_trait]
impl Check for Rehearsed {
    fn name(&self) -> &'static str {
        "rehearsal"
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let release = blueprint.release.clone();
        let runbook = match &blueprint.runbook {
            None => None,
            Some(path) => match inquiry.plans.runbook(path) {
                Ok(runbook) => Some(runbook),
                Err(failure) => {
                    let standing = Standing::NoRunbook { why: failure.message };
                    return Answer::unknown(NotConfirmed { release, standing });
                }
            },
        };
        let newest = self.0.newest(&release);
        let standing = stands(blueprint, newest.as_ref(), runbook.as_ref(), inquiry.now);
        if standing.is_confirmed() {
            return Answer::pass(format!("{standing}{}", standing.expires_soon(inquiry.now)));
        }
        Answer::fail(NotConfirmed { release, standing })
    }
}
