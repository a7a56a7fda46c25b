//! The policy: every action is decided by rules in files that people read and change.
//!
//! ```text
//! floor.cedar        the way back, which no file can lock          built in
//! ceiling.cedar      what no file can allow                        built in
//! policy/*.cedar     everything else                               the service's, or the built-in default
//! ```
//!
//! The language and its evaluation are Cedar's (`cedar-policy`): validated against a schema, decidable, without loops.
//!
//! Owns: the texts, how they are read, and a decision with its reason. Refuses to know: where files are.
//!
//! Invariant: a policy that has a mistake is not half in force. It is refused as a whole, with the place of every mistake.

mod decide;
mod facts;
mod read;
#[cfg(test)]
mod tests;
mod who;

use std::sync::LazyLock;

use cedar_policy::{Authorizer, PolicySet, Schema};

pub use decide::{Decision, Refused};
pub use read::{Mistake, Mistakes, PolicySource};
pub use who::Could;

/// The rules of a service that has no files of its own: what `ripcord policy init` writes.
pub const DEFAULT: &str = include_str!("../../policy/ripcord.cedar");
/// What rules can speak about, for people and editors.
pub const SCHEMA: &str = include_str!("../../policy/ripcord.cedarschema");

const FLOOR: &str = include_str!("../../policy/floor.cedar");
const CEILING: &str = include_str!("../../policy/ceiling.cedar");

static PARSED_SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let (schema, _warnings) = Schema::from_cedarschema_str(SCHEMA).expect("the built-in schema is tested");
    schema
});
static PARSED_FLOOR: LazyLock<PolicySet> =
    LazyLock::new(|| FLOOR.parse().expect("the built-in rules are tested"));

/// Rules in force.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The files' rules and the ceiling.
    rules: PolicySet,
    source: PolicySource,
}

impl Policy {
    /// The default.
    pub fn built_in() -> Self {
        let rules = read::rules(&[("built in".to_owned(), DEFAULT.to_owned())]);
        Self { rules: rules.expect("the built-in rules are tested"), source: PolicySource::built_in() }
    }

    /// From files, as path and content, or every mistake in them.
    pub fn read(files: &[(String, String)]) -> Result<Self, Mistakes> {
        Ok(Self { rules: read::rules(files)?, source: PolicySource::of(files) })
    }

    /// Which files they come from.
    pub const fn source(&self) -> &PolicySource {
        &self.source
    }
}

fn authorizer() -> Authorizer {
    Authorizer::new()
}
