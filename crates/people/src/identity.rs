//! Who acts, as what.

use std::collections::BTreeSet;

use ripcord_model::{Actor, Person};
use serde::{Deserialize, Serialize};

use crate::{Role, Scope};

/// Who acts, with what they are trusted with. Made by whoever authenticated them, believed by everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Under which name, and whether a person.
    pub actor: Actor,
    /// Trusted with what in general.
    pub roles: BTreeSet<Role>,
    /// Trusted with what in particular.
    pub scopes: BTreeSet<Scope>,
}

impl Identity {
    /// The user of the operating system where nobody is set up: one person, who does everything a person can do alone.
    /// An override is not among it, as it needs somebody else.
    pub fn alone(actor: Actor) -> Self {
        let roles = BTreeSet::from([Role::Operator, Role::Approver, Role::Admin]);
        Self { actor, roles, scopes: Scope::known().into() }
    }

    /// Under which name.
    pub fn name(&self) -> &Person {
        &self.actor.name
    }

    /// Whether they have a role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Whether somebody is meant by a word that a runbook or a plan uses for who shall act: their own name, a role or a
/// scope. An agent is meant by its name alone: what a file asks of a role it asks of a person.
pub fn holds(identity: &Identity, word: &str) -> bool {
    identity.name().as_str() == word
        || identity.actor.is_person()
            && (identity.roles.iter().any(|role| role.as_str() == word)
                || identity.scopes.iter().any(|scope| scope.as_str() == word))
}

#[cfg(test)]
mod tests {
    use ripcord_model::ActorKind;

    use super::*;

    fn identity(kind: ActorKind) -> Identity {
        Identity {
            actor: Actor { kind, name: Person::new("dana").unwrap() },
            roles: BTreeSet::from([Role::Approver]),
            scopes: BTreeSet::from([Scope::new("data").unwrap()]),
        }
    }

    #[test]
    fn a_word_means_a_name_a_role_or_a_scope() {
        let dana = identity(ActorKind::Person);
        for word in ["dana", "approver", "data"] {
            assert!(holds(&dana, word), "{word}");
        }
        for word in ["", "executive", "security", "DATA", "ran"] {
            assert!(!holds(&dana, word), "{word}");
        }
    }

    #[test]
    fn an_agent_is_meant_by_its_name_alone() {
        let agent = identity(ActorKind::Agent);
        assert!(holds(&agent, "dana"));
        assert!(!holds(&agent, "data") && !holds(&agent, "approver"));
    }

    #[test]
    fn alone_nobody_is_an_executive() {
        let alone = Identity::alone(Actor::person(Person::new("maya").unwrap()));
        assert!(alone.is(Role::Operator) && alone.is(Role::Approver) && !alone.is(Role::Executive));
        assert!(holds(&alone, "data"));
    }
}
