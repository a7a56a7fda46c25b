//! The change ticket is named, where the service asks for one.

use async_trait::async_trait;
use ripcord_model::blueprint::{Blueprint, Paperwork};

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct Ticket;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no change ticket is named")]
struct Unnamed;

impl Reason for Unnamed {
    fn fix(&self) -> String {
        "name it in the plan: `ticket: CHG-1234`".to_owned()
    }
}

#[async_trait]
impl Check for Ticket {
    fn name(&self) -> &'static str {
        "ticket"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.paperwork.ticket_required || blueprint.paperwork.ticket.is_some()
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        match look(&inquiry.question.blueprint.paperwork) {
            Ok(ticket) => Answer::pass(ticket),
            Err(reason) => Answer::fail(reason),
        }
    }
}

fn look(paperwork: &Paperwork) -> Result<String, Unnamed> {
    paperwork.ticket.clone().ok_or(Unnamed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_ticket_is_asked_for_only_where_it_is_required() {
        let mut blueprint = testing::blueprint(tempfile::tempdir().unwrap().path());
        assert!(!Ticket.applies(&blueprint));
        blueprint.paperwork.ticket_required = true;
        assert!(Ticket.applies(&blueprint));
        assert_eq!(look(&blueprint.paperwork), Err(Unnamed));
        blueprint.paperwork.ticket = Some("CHG-1234".to_owned());
        assert_eq!(look(&blueprint.paperwork), Ok("CHG-1234".to_owned()));
    }
}
