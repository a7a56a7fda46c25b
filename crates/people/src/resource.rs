//! What is asked about: the service, or a release as its plan describes it.

use std::collections::BTreeSet;

use ripcord_model::{
    ChangeClass, EnvironmentName, Level, Person, ReleaseName, ServiceName,
    blueprint::{Blueprint, WayBackStep},
};

use crate::{Action, Identity, holds};

/// One thing that somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What.
    pub action: Action,
    /// With what.
    pub resource: Resource,
    /// Where, when it happens somewhere.
    pub environment: Option<EnvironmentName>,
    /// The level of the step of the way back that is to be approved.
    pub level: Option<Level>,
}

/// With what something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// With the service as a whole; without a name where its file cannot be read.
    Service(Option<ServiceName>),
    /// With a release.
    Release(Box<ReleaseFacts>),
}

/// What a policy may ask about a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFacts {
    /// Of which service.
    pub service: Option<ServiceName>,
    /// Its name.
    pub release: ReleaseName,
    /// Who owns it; unknown for a plan that cannot be read.
    pub owner: Option<Person>,
    /// Who is woken at night.
    pub on_call: Option<Person>,
    /// Who is named to approve, without the owner.
    pub approvers: BTreeSet<Person>,
    /// What it changes.
    pub classes: BTreeSet<ChangeClass>,
    /// What its way back needs.
    pub levels: BTreeSet<Level>,
    /// Whether the service is lost when it fails.
    pub critical_path: bool,
    /// Words for who may trigger its way back.
    pub trigger_by: BTreeSet<String>,
}

impl ReleaseFacts {
    /// As the blueprint says.
    pub fn of(blueprint: &Blueprint) -> Self {
        let changes = &blueprint.changes;
        Self {
            service: Some(blueprint.service.clone()),
            release: blueprint.release.clone(),
            owner: Some(blueprint.owner.clone()),
            on_call: blueprint.on_call.clone(),
            approvers: blueprint.reviewers().into_iter().cloned().collect(),
            classes: changes.iter().map(|change| change.class).collect(),
            levels: changes.iter().filter_map(|change| change.level).collect(),
            critical_path: blueprint.critical_path,
            trigger_by: changes.iter().flat_map(|change| change.trigger_by.iter().cloned()).collect(),
        }
    }

    /// A release that nobody knows more of than its name.
    pub fn unknown(service: Option<ServiceName>, release: ReleaseName) -> Self {
        Self {
            service,
            release,
            owner: None,
            on_call: None,
            approvers: BTreeSet::new(),
            classes: BTreeSet::new(),
            levels: BTreeSet::new(),
            critical_path: false,
            trigger_by: BTreeSet::new(),
        }
    }

    /// Whether the plan means somebody by `trigger_by`, or by `on_call`. Words are names, roles and scopes, and `owner`
    /// and `on-call` for those of this release.
    pub fn means(&self, identity: &Identity) -> bool {
        let is = |person: &Option<Person>| person.as_ref() == Some(identity.name());
        is(&self.on_call)
            || self.trigger_by.iter().any(|word| match word.as_str() {
                "owner" => is(&self.owner),
                "on-call" | "on_call" => is(&self.on_call),
                word => holds(identity, word),
            })
    }

    /// Whether somebody is meant by the role of a step of a runbook: as `owner` or `on-call` of this release, or by their
    /// name, a role or a scope. A step asks a person, so an agent is never meant.
    pub fn means_by_role(&self, identity: &Identity, word: &str) -> bool {
        let named = match word {
            "owner" => self.owner.as_ref(),
            "on-call" => self.on_call.as_ref(),
            _ => None,
        };
        identity.actor.is_person() && (named == Some(identity.name()) || holds(identity, word))
    }
}

impl Question {
    /// About the service as a whole.
    pub const fn about_service(action: Action, service: Option<ServiceName>) -> Self {
        Self { action, resource: Resource::Service(service), environment: None, level: None }
    }

    /// About a release.
    pub fn about_release(action: Action, facts: ReleaseFacts) -> Self {
        Self { action, resource: Resource::Release(Box::new(facts)), environment: None, level: None }
    }

    /// In an environment.
    #[must_use]
    pub fn in_environment(self, environment: Option<EnvironmentName>) -> Self {
        Self { environment, ..self }
    }

    /// About a step of the way back.
    #[must_use]
    pub fn at_step(self, step: Option<&WayBackStep>) -> Self {
        Self { level: step.map(|step| step.level), ..self }
    }

    /// The name of what is asked about.
    pub fn about(&self) -> &str {
        match &self.resource {
            Resource::Service(service) => service.as_ref().map_or("the service", ServiceName::as_str),
            Resource::Release(facts) => facts.release.as_str(),
        }
    }

    /// The release, if it is about one.
    pub fn release(&self) -> Option<&ReleaseFacts> {
        match &self.resource {
            Resource::Service(_) => None,
            Resource::Release(facts) => Some(facts),
        }
    }
}
