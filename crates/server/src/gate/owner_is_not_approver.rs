//! Whoever wants to ship does not approve: four eyes, and two of them are another person's.

use async_trait::async_trait;
use ripcord_model::{
    Person,
    blueprint::Blueprint,
    paper::{Noted, Paper},
};

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct OwnerIsNotApprover;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum SameEyes {
    #[error("{owner} owns the release and is its only approver")]
    Alone { owner: Person },
    #[error("{owner} owns the release and accepts the risk of `{change}`")]
    AcceptsRisk { owner: Person, change: String },
    #[error("{owner} owns the release and has approved it")]
    Approved { owner: Person },
}

impl Reason for SameEyes {
    fn fix(&self) -> String {
        match self {
            Self::Alone { .. } => "name somebody else in `approvers:` of the plan".to_owned(),
            Self::AcceptsRisk { change, .. } => {
                format!("name somebody else in `accepted_risk: {{ by: … }}` of `{change}`")
            }
            Self::Approved { .. } => {
                "let somebody else approve it; an approval of the owner counts for nothing".to_owned()
            }
        }
    }
}

#[async_trait]
impl Check for OwnerIsNotApprover {
    fn name(&self) -> &'static str {
        "owner-is-not-approver"
    }

    fn never_overridden(&self) -> Option<&'static str> {
        Some("nobody agrees to their own release")
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.approvals_needed() > 0
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        match look(blueprint, &inquiry.question.on_record.papers) {
            Ok(()) => Answer::pass(format!("{} owns it, and others approve", blueprint.owner)),
            Err(reason) => Answer::fail(reason),
        }
    }
}

fn look(blueprint: &Blueprint, papers: &[Noted]) -> Result<(), SameEyes> {
    let owner = blueprint.owner.clone();
    if !blueprint.approvers.is_empty() && blueprint.reviewers().is_empty() {
        return Err(SameEyes::Alone { owner });
    }
    let risky = |change: &&ripcord_model::blueprint::Change| {
        change.accepted_risk.as_ref().is_some_and(|risk| risk.by == owner)
    };
    if let Some(change) = blueprint.changes.iter().find(risky) {
        return Err(SameEyes::AcceptsRisk { change: change.id.clone(), owner });
    }
    let hash = blueprint.hash();
    let own = |noted: &Noted| {
        noted.by.name == owner
            && matches!(&noted.paper, Paper::ReleaseApproved { blueprint, .. } if *blueprint == hash)
    };
    if papers.iter().any(own) { Err(SameEyes::Approved { owner }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Actor, Timestamp, blueprint::AcceptedRisk};

    use super::*;
    use crate::testing;

    #[test]
    fn the_owner_is_found_wherever_they_approve() {
        let mut blueprint = testing::blueprint(tempfile::tempdir().unwrap().path());
        blueprint.paperwork.approvals = 1;
        assert!(OwnerIsNotApprover.applies(&blueprint));
        assert_eq!(look(&blueprint, &[]), Ok(()), "where nobody is named anybody else may");
        let owner = blueprint.owner.clone();

        blueprint.approvers = vec![owner.clone()];
        assert_eq!(look(&blueprint, &[]), Err(SameEyes::Alone { owner: owner.clone() }));
        blueprint.approvers.push(Person::new("lea").unwrap());
        assert_eq!(look(&blueprint, &[]), Ok(()));

        let paper = Paper::ReleaseApproved { blueprint: blueprint.hash(), role: None, why: None };
        let own = Noted { at: Timestamp::from_ms(0), by: Actor::person(owner.clone()), paper };
        assert_eq!(look(&blueprint, &[own]), Err(SameEyes::Approved { owner: owner.clone() }));

        blueprint.changes[0].accepted_risk =
            Some(AcceptedRisk { by: owner.clone(), reason: "fine".to_owned() });
        assert_eq!(look(&blueprint, &[]), Err(SameEyes::AcceptsRisk { owner, change: "flow".to_owned() }));
    }
}
