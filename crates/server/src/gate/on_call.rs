//! Somebody is named who is woken at night.

use async_trait::async_trait;

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct OnCall;

#[derive(Debug, thiserror::Error)]
#[error("nobody is named as on call")]
struct Nobody;

impl Reason for Nobody {
    fn fix(&self) -> String {
        "name a person as `on_call` in the plan".to_owned()
    }
}

#[async_trait]
impl Check for OnCall {
    fn name(&self) -> &'static str {
        "on-call"
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        match &inquiry.question.blueprint.on_call {
            Some(person) => Answer::pass(format!("{person} is on call")),
            None => Answer::fail(Nobody),
        }
    }
}
