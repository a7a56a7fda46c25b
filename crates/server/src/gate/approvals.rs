//! As many people have approved this very blueprint as its level and its classes ask for.

use async_trait::async_trait;
use ripcord_model::{
    Person,
    blueprint::{Blueprint, BlueprintHash},
    paper::{Noted, Paper},
};

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct Approvals;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Missing {
    #[error("{}", lacking(.given, *.needed, .why))]
    TooFew { given: Vec<String>, needed: u32, why: &'static str, who: String, release: String },
    #[error("{} approved an earlier state of the plan; it has changed since (now {now})", .by.join(", "))]
    Stale { by: Vec<String>, now: String, release: String },
}

fn lacking(given: &[String], needed: u32, why: &str) -> String {
    match given {
        [] => format!("nobody has approved; {needed} must{why}"),
        some => format!("{} of {needed} approvals: {}{why}", some.len(), some.join(", ")),
    }
}

impl Reason for Missing {
    fn fix(&self) -> String {
        match self {
            Self::TooFew { who, release, .. } => format!("ripcord approve {release}, by {who}"),
            Self::Stale { by, release, .. } => {
                format!("ripcord approve {release} once more, by {}", by.join(", "))
            }
        }
    }
}

#[async_trait]
impl Check for Approvals {
    fn name(&self) -> &'static str {
        "approvals"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.approvals_needed() > 0
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        match look(&inquiry.question.blueprint, &inquiry.question.on_record.papers) {
            Ok(given) => Answer::pass(format!("approved by {}", given.join(", "))),
            Err(reason) => Answer::fail(reason),
        }
    }
}

/// Who has approved `hash`, each person once. Only people who may count.
pub(super) fn given<'p>(blueprint: &Blueprint, hash: &BlueprintHash, papers: &'p [Noted]) -> Vec<&'p Person> {
    let mut given: Vec<&Person> = Vec::new();
    for noted in papers {
        let Paper::ReleaseApproved { blueprint: approved, .. } = &noted.paper else { continue };
        let counts = approved == hash && noted.by.is_person() && blueprint.is_reviewer(&noted.by.name);
        if counts && !given.contains(&&noted.by.name) {
            given.push(&noted.by.name);
        }
    }
    given
}

fn look(blueprint: &Blueprint, papers: &[Noted]) -> Result<Vec<String>, Missing> {
    let (hash, needed) = (blueprint.hash(), blueprint.approvals_needed());
    let given = given(blueprint, &hash, papers);
    let given: Vec<String> = given.into_iter().map(ToString::to_string).collect();
    if given.len() as u64 >= u64::from(needed) {
        return Ok(given);
    }
    let release = blueprint.release.to_string();
    let earlier = |noted: &Noted| matches!(&noted.paper, Paper::ReleaseApproved { blueprint, .. } if *blueprint != hash);
    let mut before: Vec<String> =
        papers.iter().filter(|noted| earlier(noted)).map(|noted| noted.by.to_string()).collect();
    before.sort();
    before.dedup();
    if given.is_empty() && !before.is_empty() {
        return Err(Missing::Stale { by: before, now: hash.short().to_owned(), release });
    }
    let why = if blueprint.needs_reviewer() { " (its level needs an additional reviewer)" } else { "" };
    let left = |person: &&Person| !given.iter().any(|name| name == person.as_str());
    let who: Vec<&str> = blueprint.reviewers().into_iter().filter(left).map(Person::as_str).collect();
    let who = if who.is_empty() { "anybody but the owner".to_owned() } else { who.join(" or ") };
    Err(Missing::TooFew { given, needed, why, who, release })
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Actor, ActorKind, Level, Timestamp};

    use super::*;
    use crate::testing;

    fn blueprint() -> Blueprint {
        testing::blueprint(tempfile::tempdir().unwrap().path())
    }

    fn approval(blueprint: &Blueprint, by: Actor) -> Noted {
        let paper = Paper::ReleaseApproved { blueprint: blueprint.hash(), role: None, why: None };
        Noted { at: Timestamp::from_ms(0), by, paper }
    }

    fn person(name: &str) -> Actor {
        Actor::person(Person::new(name).unwrap())
    }

    #[test]
    fn levels_three_and_four_need_a_reviewer_and_shallow_ones_only_what_is_asked() {
        let mut blueprint = blueprint();
        assert!(!Approvals.applies(&blueprint));
        blueprint.changes[0].level = Some(Level::Migration);
        assert!(Approvals.applies(&blueprint));
        let missing = look(&blueprint, &[]).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "nobody has approved; 1 must (its level needs an additional reviewer)"
        );
        assert_eq!(missing.fix(), "ripcord approve submit-v2, by anybody but the owner");
        blueprint.paperwork.approvals = 1;
        blueprint.approvers = ["maya", "lea", "tom"].map(|name| Person::new(name).unwrap()).to_vec();
        let one = [approval(&blueprint, person("lea"))];
        let missing = look(&blueprint, &one).unwrap_err();
        assert!(missing.to_string().starts_with("1 of 2 approvals: lea"), "{missing}");
        assert_eq!(missing.fix(), "ripcord approve submit-v2, by tom");
        let both = [one[0].clone(), approval(&blueprint, person("tom"))];
        assert_eq!(look(&blueprint, &both), Ok(vec!["lea".to_owned(), "tom".to_owned()]));
    }

    #[test]
    fn the_same_person_twice_the_owner_an_agent_and_a_stranger_do_not_count() {
        let mut blueprint = blueprint();
        blueprint.paperwork.approvals = 2;
        blueprint.approvers = ["lea", "tom"].map(|name| Person::new(name).unwrap()).to_vec();
        let agent = Actor { kind: ActorKind::Agent, name: Person::new("tom").unwrap() };
        let papers: Vec<Noted> = [person("lea"), person("lea"), person("maya"), agent, person("mallory")]
            .map(|by| approval(&blueprint, by))
            .to_vec();
        let missing = look(&blueprint, &papers).unwrap_err();
        assert!(missing.to_string().starts_with("1 of 2 approvals: lea"), "{missing}");
    }

    #[test]
    fn an_approval_of_another_blueprint_is_void_and_that_is_said() {
        let mut blueprint = blueprint();
        blueprint.paperwork.approvals = 1;
        let papers = [approval(&blueprint, person("lea"))];
        assert!(look(&blueprint, &papers).is_ok());
        blueprint.critical_path = true;
        let missing = look(&blueprint, &papers).unwrap_err();
        assert!(matches!(&missing, Missing::Stale { by, .. } if *by == ["lea"]), "{missing}");
        assert_eq!(missing.fix(), "ripcord approve submit-v2 once more, by lea");
    }
}
