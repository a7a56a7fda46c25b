//! A change without a way back has been accepted by a named person who is not the owner, and who has signed.

use async_trait::async_trait;
use ripcord_model::{Person, Reversibility, blueprint::Blueprint, paper::Noted};

use super::{Answer, Check, Inquiry, Reason, approvals};

pub(super) struct OneWay;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Unaccepted {
    #[error("`{change}` is one-way, and nobody has accepted that there is no way back")]
    Nobody { change: String },
    #[error("`{change}` is one-way, and nothing says how the damage is limited")]
    NoContainment { change: String },
    #[error("`{change}` is one-way, and {by}, who owns the release, cannot accept that alone")]
    ByOwner { change: String, by: Person },
    #[error("`{change}` is one-way: the plan says that {by} accepts it, and {by} has not signed")]
    Unsigned { change: String, by: Person, release: String },
}

impl Reason for Unaccepted {
    fn fix(&self) -> String {
        match self {
            Self::Nobody { change } | Self::ByOwner { change, .. } => {
                format!(
                    "add `accepted_risk: {{ by: NAME, reason: … }}` to `{change}`, by somebody else than the owner"
                )
            }
            Self::NoContainment { change } => format!("add `contain:` to `{change}`"),
            Self::Unsigned { by, release, .. } => format!("ripcord approve {release}, by {by}"),
        }
    }

    fn owner(&self, blueprint: &Blueprint) -> String {
        match self {
            Self::Unsigned { by, .. } => by.to_string(),
            Self::Nobody { .. } | Self::NoContainment { .. } | Self::ByOwner { .. } => {
                blueprint.owner.to_string()
            }
        }
    }
}

#[async_trait]
impl Check for OneWay {
    fn name(&self) -> &'static str {
        "one-way"
    }

    fn never_overridden(&self) -> Option<&'static str> {
        Some("whoever accepts that there is no way back says so in the plan, and signs it")
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.changes.iter().any(|change| change.reversibility == Reversibility::OneWay)
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        match look(&inquiry.question.blueprint, &inquiry.question.on_record.papers) {
            Ok(accepted) => Answer::pass(accepted.join("; ")),
            Err(reason) => Answer::fail(reason),
        }
    }
}

fn look(blueprint: &Blueprint, papers: &[Noted]) -> Result<Vec<String>, Unaccepted> {
    let signed = approvals::given(blueprint, &blueprint.hash(), papers);
    let mut accepted = Vec::new();
    for change in blueprint.changes.iter().filter(|change| change.reversibility == Reversibility::OneWay) {
        let id = change.id.clone();
        if change.contain.is_none() {
            return Err(Unaccepted::NoContainment { change: id });
        }
        let Some(risk) = &change.accepted_risk else { return Err(Unaccepted::Nobody { change: id }) };
        if risk.by == blueprint.owner {
            return Err(Unaccepted::ByOwner { change: id, by: risk.by.clone() });
        }
        if !signed.contains(&&risk.by) {
            let release = blueprint.release.to_string();
            return Err(Unaccepted::Unsigned { change: id, by: risk.by.clone(), release });
        }
        accepted.push(format!("{} accepts that `{id}` has no way back: {}", risk.by, risk.reason));
    }
    Ok(accepted)
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Actor, Timestamp, blueprint::AcceptedRisk, paper::Paper};

    use super::*;
    use crate::testing;

    #[test]
    fn a_one_way_change_is_contained_accepted_and_signed_by_somebody_else() {
        let mut blueprint = testing::blueprint(tempfile::tempdir().unwrap().path());
        assert!(!OneWay.applies(&blueprint));
        let change = "flow".to_owned();
        blueprint.changes[0].reversibility = Reversibility::OneWay;
        assert!(OneWay.applies(&blueprint) && blueprint.needs_reviewer());
        assert_eq!(look(&blueprint, &[]), Err(Unaccepted::NoContainment { change: change.clone() }));
        blueprint.changes[0].contain = Some("stop the writer".to_owned());
        assert_eq!(look(&blueprint, &[]), Err(Unaccepted::Nobody { change: change.clone() }));

        let accept = |blueprint: &mut Blueprint, by: &Person| {
            let risk = AcceptedRisk { by: by.clone(), reason: "by law".to_owned() };
            blueprint.changes[0].accepted_risk = Some(risk);
        };
        let (owner, lea) = (blueprint.owner.clone(), Person::new("lea").unwrap());
        accept(&mut blueprint, &owner);
        assert_eq!(look(&blueprint, &[]), Err(Unaccepted::ByOwner { change: change.clone(), by: owner }));
        accept(&mut blueprint, &lea);
        let unsigned = look(&blueprint, &[]).unwrap_err();
        assert_eq!(
            (unsigned.owner(&blueprint), unsigned.fix()),
            ("lea".to_owned(), "ripcord approve submit-v2, by lea".to_owned())
        );

        let paper = Paper::ReleaseApproved { blueprint: blueprint.hash(), role: None, why: None };
        let signature = |name: &str| Noted {
            at: Timestamp::from_ms(0),
            by: Actor::person(Person::new(name).unwrap()),
            paper: paper.clone(),
        };
        assert!(look(&blueprint, &[signature("tom")]).is_err(), "another name is no signature");
        assert_eq!(
            look(&blueprint, &[signature("lea")]),
            Ok(vec!["lea accepts that `flow` has no way back: by law".to_owned()])
        );
    }
}
