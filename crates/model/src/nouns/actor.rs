//! Who did something.

use serde::{Deserialize, Serialize};

use super::name::Person;

/// What kind of actor stands behind an entry in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// A human being.
    Person,
    /// A coding agent: may plan, check and ask; never approve.
    Agent,
    /// Ripcord itself.
    Ripcord,
}

/// Who did something. Ripcord itself acts under the name `ripcord`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// Person, agent or Ripcord.
    pub kind: ActorKind,
    /// The name they go by.
    pub name: Person,
}

impl Actor {
    /// A human being.
    pub fn person(name: Person) -> Self {
        Self { kind: ActorKind::Person, name }
    }

    /// Ripcord itself.
    pub fn ripcord() -> Self {
        let name = Person::new("ripcord").expect("`ripcord` is a valid name");
        Self { kind: ActorKind::Ripcord, name }
    }

    /// Whether a human being acted.
    pub fn is_person(&self) -> bool {
        self.kind == ActorKind::Person
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name.as_str())
    }
}
