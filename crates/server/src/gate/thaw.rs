//! No freeze is in force in production.

use async_trait::async_trait;
use ripcord_model::Timestamp;

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct NoFreeze;

#[derive(Debug, thiserror::Error)]
#[error("production is frozen until {until} ({why})")]
struct Frozen {
    why: String,
    until: Timestamp,
}

impl Reason for Frozen {
    fn fix(&self) -> String {
        format!("wait until {}; the way back of running releases stays open", self.until)
    }
}

#[async_trait]
impl Check for NoFreeze {
    fn name(&self) -> &'static str {
        "no-freeze"
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let windows = &inquiry.question.blueprint.production.freeze;
        let longest = windows
            .iter()
            .filter_map(|window| window.in_force(inquiry.now).map(|until| (until, window)))
            .max_by_key(|(until, _)| *until);
        match longest {
            None => Answer::pass("no freeze is in force"),
            Some((until, window)) => Answer::fail(Frozen { why: window.reason.clone(), until }),
        }
    }
}
