//! As whom somebody acts whom the directory does not say it of.

use std::collections::BTreeSet;

use ripcord_model::{Actor, ActorKind, Person};
use ripcord_people::{Directory, Identity, Question, Role, UserKind};

/// A name that no agent can have.
#[derive(Debug, thiserror::Error)]
#[error("{0} is a person; an agent needs a name of its own")]
pub(crate) struct NoAgent(pub(crate) Person);

/// The operating system's user who runs the control plane, or root. Where nobody is set up they are alone. Otherwise they
/// are who the directory says; and if it does not know them, they look, go back and manage people: whoever owns the
/// state directory could do all of that to its files, and here it is on record.
pub(crate) fn local(directory: &Directory, user: &Person) -> Identity {
    let actor = Actor::person(user.clone());
    if directory.is_empty() {
        return Identity::alone(actor);
    }
    match directory.user(user).filter(|user| user.kind == UserKind::Person) {
        Some(user) => user.identity(),
        None => {
            let roles = BTreeSet::from([Role::Viewer, Role::Admin]);
            Identity { actor, roles, scopes: BTreeSet::new() }
        }
    }
}

/// An agent on whose behalf `caller` speaks.
pub(crate) fn agent(directory: &Directory, caller: &Identity, name: Person) -> Result<Identity, NoAgent> {
    let allowed = match directory.user(&name) {
        Some(user) if user.kind == UserKind::Person => return Err(NoAgent(name)),
        Some(user) => user.roles.clone(),
        None => BTreeSet::from([Role::Viewer, Role::Operator]),
    };
    let roles = caller.roles.intersection(&allowed).copied().collect();
    let actor = Actor { kind: ActorKind::Agent, name };
    Ok(Identity { actor, roles, scopes: BTreeSet::new() })
}

/// Where nobody is set up: those whom the plan names, and whoever runs the control plane.
pub(crate) fn named(runs: &Person, question: &Question) -> Vec<Identity> {
    let mut names: Vec<&Person> = Vec::new();
    if let Some(facts) = question.release() {
        names.extend(facts.approvers.iter().chain(&facts.on_call).chain(&facts.owner));
    }
    names.push(runs);
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    names.into_iter().map(|name| Identity::alone(Actor::person(name.clone()))).collect()
}
