//! Who could: asked of the policy itself, for everybody who is known, or for somebody with each role.

use std::{collections::BTreeSet, fmt};

use ripcord_model::{Actor, Person};
use serde::{Deserialize, Serialize};

use super::Policy;
use crate::{Identity, Question, Role, Scope};

/// How many people are named before the others are counted.
const NAMED_MAX: usize = 5;

/// Who could do something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Could {
    /// Those who are known and could, by name.
    pub people: Vec<Person>,
    /// What somebody would need to be, for instance `executive` or `approver with the scope data`.
    pub roles: Vec<String>,
}

impl fmt::Display for Could {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: Vec<&str> = self.people.iter().take(NAMED_MAX).map(Person::as_str).collect();
        let more = self.people.len().saturating_sub(NAMED_MAX);
        match (named.as_slice(), more, self.roles.as_slice()) {
            ([], _, []) => f.write_str("nobody"),
            ([], _, roles) => {
                let article = |role: &String| {
                    let vowel = role.starts_with(['a', 'e', 'i', 'o', 'u']);
                    format!("{} {role}", if vowel { "an" } else { "a" })
                };
                f.write_str(&roles.iter().map(article).collect::<Vec<_>>().join(" or "))
            }
            (named, 0, _) => f.write_str(&named.join(", ")),
            (named, more, _) => write!(f, "{} and {more} more", named.join(", ")),
        }
    }
}

impl Policy {
    /// Who of `known` could, and which roles somebody would need.
    pub fn who(&self, question: &Question, known: &[Identity]) -> Could {
        let mut people: Vec<Person> = known
            .iter()
            .filter(|identity| self.allows(identity, question))
            .map(|identity| identity.name().clone())
            .collect();
        people.dedup();
        let roles = Role::ALL.into_iter().filter_map(|role| self.with_role(question, role, known)).collect();
        Could { people, roles }
    }

    /// What somebody whom nobody has named would need besides a role.
    fn with_role(&self, question: &Question, role: Role, known: &[Identity]) -> Option<String> {
        let allows = |scopes: BTreeSet<Scope>| {
            // A name of nobody: longer than any that can be given.
            let name = question.release().and_then(|facts| facts.approvers.first().cloned());
            let name = name.unwrap_or_else(|| Person::new("somebody").expect("a name"));
            let somebody = Identity { actor: Actor::person(name), roles: BTreeSet::from([role]), scopes };
            self.allows(&somebody, question)
        };
        if allows(BTreeSet::new()) {
            return Some(role.to_string());
        }
        let mut scopes: BTreeSet<Scope> = Scope::known().into();
        scopes.extend(known.iter().flat_map(|identity| identity.scopes.iter().cloned()));
        let needed = scopes.into_iter().find(|scope| allows(BTreeSet::from([scope.clone()])));
        needed.map(|scope| format!("{role} with the scope {scope}"))
    }
}
