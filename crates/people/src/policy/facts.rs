//! What is asked, in Cedar's terms.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression,
};
use ripcord_model::{ActorKind, ChangeClass, Person, ServiceName};

use crate::{Action, Identity, Question, ReleaseFacts, Resource};

/// A request and the world it is asked in.
pub(super) fn request(identity: &Identity, question: &Question) -> (Request, Entities) {
    let (resource, mut entities) = resource(&question.resource);
    let principal = user(identity.name());
    entities.extend(caller(identity));
    let request =
        Request::new(principal, action(question.action), resource, context(identity, question), None)
            .expect("without a schema every request is one");
    let entities = Entities::from_entities(entities, None)
        .expect("users, roles, services and releases stand there once");
    (request, entities)
}

fn uid(kind: &str, id: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().expect("the names of the schema are names");
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

fn user(name: &Person) -> EntityUid {
    uid("User", name.as_str())
}

pub(super) fn action(action: Action) -> EntityUid {
    uid("Action", action.as_str())
}

fn text(text: impl Into<String>) -> RestrictedExpression {
    RestrictedExpression::new_string(text.into())
}

fn texts<T: Into<String>>(all: impl IntoIterator<Item = T>) -> RestrictedExpression {
    RestrictedExpression::new_set(all.into_iter().map(text))
}

fn entity<const N: usize>(
    uid: EntityUid,
    attributes: [(&str, Option<RestrictedExpression>); N],
    parents: HashSet<EntityUid>,
) -> Entity {
    let attributes: HashMap<String, RestrictedExpression> = attributes
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)))
        .collect();
    Entity::new(uid, attributes, parents).expect("texts, truths and sets of them are values")
}

fn caller(identity: &Identity) -> Vec<Entity> {
    let roles: HashSet<EntityUid> = identity.roles.iter().map(|role| uid("Role", role.as_str())).collect();
    let is_agent = match identity.actor.kind {
        ActorKind::Person => false,
        ActorKind::Agent | ActorKind::Ripcord => true,
    };
    let attributes = [
        ("agent", Some(RestrictedExpression::new_bool(is_agent))),
        ("scopes", Some(texts(identity.scopes.iter().map(|scope| scope.as_str())))),
    ];
    let mut all: Vec<Entity> =
        roles.iter().map(|role| Entity::new_no_attrs(role.clone(), HashSet::new())).collect();
    all.push(entity(user(identity.name()), attributes, roles));
    all
}

fn service(name: Option<&ServiceName>) -> EntityUid {
    uid("Service", name.map_or("", ServiceName::as_str))
}

fn resource(resource: &Resource) -> (EntityUid, Vec<Entity>) {
    match resource {
        Resource::Service(name) => {
            let uid = service(name.as_ref());
            (uid.clone(), vec![Entity::new_no_attrs(uid, HashSet::new())])
        }
        Resource::Release(facts) => {
            let service = service(facts.service.as_ref());
            let uid = uid("Release", facts.release.as_str());
            let release = release(uid.clone(), service.clone(), facts);
            (uid, vec![Entity::new_no_attrs(service, HashSet::new()), release])
        }
    }
}

fn release(uid: EntityUid, service: EntityUid, facts: &ReleaseFacts) -> Entity {
    let person =
        |name: &Option<Person>| name.as_ref().map(|name| RestrictedExpression::new_entity_uid(user(name)));
    let approvers = facts.approvers.iter().map(|name| RestrictedExpression::new_entity_uid(user(name)));
    let attributes = [
        ("owner", person(&facts.owner)),
        ("on_call", person(&facts.on_call)),
        ("approvers", Some(RestrictedExpression::new_set(approvers))),
        ("classes", Some(texts(facts.classes.iter().map(|class| class_name(*class))))),
        ("levels", Some(texts(facts.levels.iter().map(ToString::to_string)))),
        ("critical_path", Some(RestrictedExpression::new_bool(facts.critical_path))),
    ];
    entity(uid, attributes, HashSet::from([service]))
}

const fn class_name(class: ChangeClass) -> &'static str {
    match class {
        ChangeClass::Code => "code",
        ChangeClass::Config => "config",
        ChangeClass::Schema => "schema",
        ChangeClass::Data => "data",
        ChangeClass::Contract => "contract",
    }
}

fn context(identity: &Identity, question: &Question) -> Context {
    let release = question.release();
    let truth = |truth| Some(RestrictedExpression::new_bool(truth));
    let pairs = [
        ("environment", question.environment.as_ref().map(|name| text(name.as_str()))),
        ("level", question.level.map(|level| text(level.to_string()))),
        ("names_triggers", truth(release.is_some_and(|facts| !facts.trigger_by.is_empty()))),
        ("triggers", truth(release.is_some_and(|facts| facts.means(identity)))),
    ];
    let pairs = pairs.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)));
    Context::from_pairs(pairs).expect("each name stands there once")
}
