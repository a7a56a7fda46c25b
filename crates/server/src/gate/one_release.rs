//! No other release of the service is under way: two at once could not be told apart by their numbers.

use async_trait::async_trait;
use ripcord_model::ReleaseName;

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct OneRelease;

#[derive(Debug, thiserror::Error)]
#[error("`{other}` is still under way for the same service")]
struct Occupied {
    other: ReleaseName,
}

impl Reason for Occupied {
    fn fix(&self) -> String {
        format!("finish it first: `ripcord status {}`", self.other)
    }
}

#[async_trait]
impl Check for OneRelease {
    fn name(&self) -> &'static str {
        "one-release"
    }

    fn never_overridden(&self) -> Option<&'static str> {
        Some("two releases of one service at a time have no way back that leads anywhere")
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        match inquiry.question.others.first() {
            None => Answer::pass("no other release of the service is under way"),
            Some(other) => Answer::fail(Occupied { other: other.clone() }),
        }
    }
}
