//! A decision, with its reason.

use cedar_policy::{Decision as Verdict, Effect, Response};
use ripcord_model::Person;

use super::{Could, PARSED_FLOOR, Policy, authorizer, facts};
use crate::{Action, Identity, Question};

/// What the policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// They may.
    Allowed,
    /// They may not.
    Refused(Refused),
}

/// Why somebody may not, and who could.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{about}: {who} may not {}: {why}; {could} can {}", .action.words(), .action.words())]
pub struct Refused {
    /// Stable, for machines: `not-allowed`, or what the rule that forbids says.
    pub code: String,
    /// Who.
    pub who: Person,
    /// What.
    pub action: Action,
    /// With what.
    pub about: String,
    /// Because of which rule.
    pub why: String,
    /// Who could.
    pub could: Could,
}

impl Policy {
    /// Whether somebody may. `others` are those who are looked through for who could instead.
    pub fn decide(&self, identity: &Identity, question: &Question, others: &[Identity]) -> Decision {
        match self.answer(identity, question) {
            None => Decision::Allowed,
            Some((code, why)) => Decision::Refused(Refused {
                code,
                who: identity.name().clone(),
                action: question.action,
                about: question.about().to_owned(),
                why,
                could: self.who(question, others),
            }),
        }
    }

    /// Whether somebody may, without the reason.
    pub fn allows(&self, identity: &Identity, question: &Question) -> bool {
        self.answer(identity, question).is_none()
    }

    /// `None` when they may; otherwise a code and a reason.
    fn answer(&self, identity: &Identity, question: &Question) -> Option<(String, String)> {
        let (request, entities) = facts::request(identity, question);
        let ask = |rules| authorizer().is_authorized(&request, rules, &entities);
        let allowed = |response: &Response| response.decision() == Verdict::Allow;
        if question.action.is_way_back() && allowed(&ask(&PARSED_FLOOR)) {
            return None;
        }
        let response = ask(&self.rules);
        if allowed(&response) { None } else { Some(self.reason(identity, &response)) }
    }

    /// The first rule that forbids it, the ceiling's before those of files; else that none allows it.
    fn reason(&self, identity: &Identity, response: &Response) -> (String, String) {
        let forbids = |rule: &&cedar_policy::Policy| rule.effect() == Effect::Forbid;
        let mut rules: Vec<_> =
            response.diagnostics().reason().filter_map(|id| self.rules.policy(id)).filter(forbids).collect();
        rules.sort_by_key(|rule| {
            let id = rule.id().to_string();
            (!id.starts_with("ceiling#"), id)
        });
        let Some(rule) = rules.first() else { return ("not-allowed".to_owned(), none_allows(identity)) };
        let name = rule.id().to_string();
        let name = name.rsplit('#').next().unwrap_or_default();
        let says = rule.annotation("says").map_or_else(
            || format!("the rule `{name}` of the policy forbids it"),
            |says| says.replace("{who}", identity.name().as_str()),
        );
        (rule.annotation("code").unwrap_or("not-allowed").to_owned(), says)
    }
}

fn none_allows(identity: &Identity) -> String {
    let mut trusted: Vec<&str> = identity.roles.iter().map(|role| role.as_str()).collect();
    if !identity.actor.is_person() {
        trusted.push("agent");
    }
    match trusted.as_slice() {
        [] => "they have no role".to_owned(),
        some => format!("the policy does not allow it to {}", some.join(", ")),
    }
}
