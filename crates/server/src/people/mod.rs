//! Who may do what, as the control plane knows it: everybody who is set up, and the rules in force.
//!
//! ```text
//! rules      policy/*.cedar below the root, read when they change; the last good ones stay in force
//! records    the directory as the store keeps it
//! ```
//!
//! Owns: one directory and one policy for all tasks. Refuses to know: HTTP. Only the loop changes the directory, after the
//! change is on record.
//!
//! Invariant: there is a policy in force at any time, and it has no mistake.

mod known;
mod records;
mod rules;
#[cfg(test)]
mod tests;

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use ripcord_model::{Actor, Person, Timestamp};
use ripcord_people::{
    Decision, Directory, Identity, Question, Refused,
    directory::{Recognised, TokenRefusal},
    policy::{Could, PolicySource},
};

pub(crate) use self::records::{changes, directory, policy_change, recorded_policy, used};
use self::rules::Rules;
pub use self::rules::{PolicyStanding, check_policy};
use crate::clock::Clock;

/// Shared by all tasks.
pub(crate) struct People {
    directory: RwLock<Arc<Directory>>,
    rules: Rules,
    runs: Person,
    demo: bool,
    clock: Arc<dyn Clock>,
}

impl People {
    /// `runs` is the operating system's user under whom the control plane runs.
    pub(crate) fn new(
        directory: Directory,
        root: Option<PathBuf>,
        runs: Person,
        demo: bool,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { directory: RwLock::new(Arc::new(directory)), rules: Rules::new(root), runs, demo, clock }
    }

    /// Whether names and roles can be tried.
    pub(crate) const fn is_demo(&self) -> bool {
        self.demo
    }

    /// Under whom the control plane runs.
    pub(crate) const fn runs(&self) -> &Person {
        &self.runs
    }

    /// Everybody who is set up.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everybody from now on.
    pub(crate) fn replace(&self, directory: Directory) {
        *self.directory.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whose token it is.
    pub(crate) fn recognise(&self, secret: &str) -> Result<Recognised, TokenRefusal> {
        self.directory().recognise(secret, self.now())
    }

    /// Reads the rules anew when their files have changed. Blocking.
    pub(crate) fn look_at_rules(&self) -> Option<PolicySource> {
        self.rules.look()
    }

    /// Which rules are in force, and what is wrong with those that are not.
    pub(crate) fn policy(&self) -> PolicyStanding {
        self.rules.standing()
    }

    /// Whether somebody may, by the rules in force.
    pub(crate) fn decide(&self, identity: &Identity, question: &Question) -> Result<(), Refused> {
        match self.rules.in_force().decide(identity, question, &self.known(question)) {
            Decision::Allowed => Ok(()),
            Decision::Refused(refused) => Err(refused),
        }
    }

    /// Who could, by the rules in force.
    pub(crate) fn who(&self, question: &Question) -> Could {
        self.rules.in_force().who(question, &self.known(question))
    }

    /// The operating system's user, as whom they act here.
    pub(crate) fn local(&self, user: &Person) -> Identity {
        known::local(&self.directory(), user)
    }

    /// Somebody whose name is tried in demo mode.
    pub(crate) fn tried(&self, name: Person) -> Identity {
        let directory = self.directory();
        directory.user(&name).map_or_else(|| Identity::alone(Actor::person(name)), |user| user.identity())
    }

    /// An agent on whose behalf `caller` speaks: never more than either of them may.
    pub(crate) fn agent(&self, caller: &Identity, name: Person) -> Result<Identity, known::NoAgent> {
        known::agent(&self.directory(), caller, name)
    }

    /// Those among whom is looked for who could.
    fn known(&self, question: &Question) -> Vec<Identity> {
        let directory = self.directory();
        if directory.is_empty() { known::named(&self.runs, question) } else { directory.identities() }
    }
}
