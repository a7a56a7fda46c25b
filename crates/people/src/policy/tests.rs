use std::collections::BTreeSet;

use cedar_policy::{Request, ValidationMode, Validator};
use ripcord_model::{Actor, ActorKind, ChangeClass, Level, Person, ReleaseName, ServiceName};

use super::*;
use crate::{Action, Identity, Question, ReleaseFacts, Role, Scope};

fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

fn identity(name: &str, roles: &[Role], scopes: &[&str]) -> Identity {
    Identity {
        actor: Actor::person(person(name)),
        roles: roles.iter().copied().collect(),
        scopes: scopes.iter().map(|scope| Scope::new(*scope).unwrap()).collect(),
    }
}

fn agent(name: &str, roles: &[Role]) -> Identity {
    let identity = identity(name, roles, &[]);
    Identity { actor: Actor { kind: ActorKind::Agent, ..identity.actor }, ..identity }
}

fn release() -> ReleaseFacts {
    ReleaseFacts {
        owner: Some(person("maya")),
        on_call: Some(person("ran")),
        classes: BTreeSet::from([ChangeClass::Code, ChangeClass::Schema]),
        levels: BTreeSet::from([Level::Deploy, Level::Migration]),
        ..ReleaseFacts::unknown(
            Some(ServiceName::new("exams").unwrap()),
            ReleaseName::new("exam-v2").unwrap(),
        )
    }
}

fn about(action: Action) -> Question {
    if action == Action::ManagePeople {
        return Question::about_service(action, Some(ServiceName::new("exams").unwrap()));
    }
    Question::about_release(action, release())
}

fn may(policy: &Policy, who: &Identity, action: Action) -> bool {
    policy.allows(who, &about(action))
}

fn written(text: &str) -> Result<Policy, Mistakes> {
    Policy::read(&[("policy/own.cedar".to_owned(), text.to_owned())])
}

#[test]
fn all_built_in_rules_are_valid_and_every_request_fits_the_schema() {
    for text in [DEFAULT, FLOOR, CEILING] {
        let rules: PolicySet = text.parse().unwrap();
        let result = Validator::new(PARSED_SCHEMA.clone()).validate(&rules, ValidationMode::Strict);
        assert!(result.validation_passed_without_warnings(), "{result}");
    }
    let who = identity("ran", &Role::ALL, &["data"]);
    let run = Question::about_service(Action::ApproveStep, None);
    let questions = Action::ALL.iter().map(|action| about(*action)).chain([run]);
    for question in questions {
        let action = question.action;
        let question = Question { level: Some(Level::Data), ..question };
        let (request, entities) = facts::request(&who, &question);
        let fits = Request::new(
            request.principal().unwrap().clone(),
            request.action().unwrap().clone(),
            request.resource().unwrap().clone(),
            request.context().unwrap().clone(),
            Some(&PARSED_SCHEMA),
        );
        assert!(fits.is_ok(), "{action}: {:?}", fits.err());
        cedar_policy::Entities::from_entities(entities.iter().cloned(), Some(&PARSED_SCHEMA)).unwrap();
    }
}

#[test]
fn each_role_may_what_its_name_says_and_nothing_else() {
    use Action::*;
    let policy = Policy::built_in();
    let table: [(Role, &[Action]); 5] = [
        (Role::Viewer, &[Read, ClosePostmortem]),
        (
            Role::Operator,
            &[
                Read,
                Ship,
                Rehearse,
                Promote,
                Hold,
                Contain,
                Rollback,
                Acknowledge,
                Complete,
                Cancel,
                Record,
                ClosePostmortem,
                Announce,
                RunRunbook,
                SwitchFlag,
            ],
        ),
        (Role::Approver, &[Read, ApproveRelease, ApproveStep, Record, ExceptFreeze, ClosePostmortem]),
        (Role::Executive, &[Read, Override, ClosePostmortem, Announce, ExceptFreeze]),
        (Role::Admin, &[Read, Hold, Contain, Rollback, ManagePeople, ClosePostmortem]),
    ];
    for (role, allowed) in table {
        let who = identity("vera", &[role], &[]);
        for action in Action::ALL {
            assert_eq!(may(&policy, &who, *action), allowed.contains(action), "{role} {action}");
        }
    }
    let all = agent("claude", &Role::ALL);
    let allowed = [Read, Ship, Rehearse, Hold, Contain, Rollback, Cancel, Record];
    for action in Action::ALL {
        assert_eq!(may(&policy, &all, *action), allowed.contains(action), "agent {action}");
    }
}

#[test]
fn the_owner_neither_approves_nor_overrides_and_data_needs_its_scope() {
    let policy = Policy::built_in();
    let maya = identity("maya", &Role::ALL, &["data"]);
    for action in [Action::ApproveRelease, Action::ApproveStep, Action::Override, Action::ExceptFreeze] {
        assert!(!may(&policy, &maya, action), "{action}");
    }
    let step = Question { level: Some(Level::Migration), ..about(Action::ApproveStep) };
    assert!(!policy.allows(&identity("lea", &[Role::Approver], &["security"]), &step));
    assert!(policy.allows(&identity("lea", &[Role::Approver], &["data"]), &step));
    let run = Question { level: Some(Level::Data), ..Question::about_service(Action::ApproveStep, None) };
    assert!(!policy.allows(&identity("lea", &[Role::Approver], &[]), &run));
    assert!(policy.allows(&identity("lea", &[Role::Approver], &["data"]), &run));
    let named = ReleaseFacts { approvers: BTreeSet::from([person("dana")]), ..release() };
    for action in [Action::ApproveRelease, Action::ExceptFreeze] {
        let question = Question::about_release(action, named.clone());
        assert!(!policy.allows(&identity("lea", &[Role::Approver], &[]), &question), "{action}");
        assert!(policy.allows(&identity("dana", &[Role::Approver], &[]), &question), "{action}");
    }
}

#[test]
fn whoever_the_plan_names_may_go_back_and_nobody_else_without_a_role() {
    let policy = Policy::built_in();
    let tom = identity("tom", &[Role::Viewer], &["tech-lead"]);
    let named = ReleaseFacts { trigger_by: BTreeSet::from(["tech-lead".to_owned()]), ..release() };
    for action in [Action::Hold, Action::Contain, Action::Rollback] {
        assert!(!may(&policy, &tom, action), "{action}");
        assert!(policy.allows(&tom, &Question::about_release(action, named.clone())), "{action}");
        assert!(may(&policy, &identity("ran", &[Role::Viewer], &[]), action), "on call: {action}");
        let bot = Question::about_release(action, named.clone());
        assert_eq!(policy.allows(&agent("bot", &[Role::Operator]), &bot), action == Action::Hold);
    }
    assert!(!policy.allows(&tom, &Question::about_release(Action::Promote, named)));
}

#[test]
fn no_policy_locks_the_way_back_and_none_allows_what_is_above_the_ceiling() {
    let locked = written("forbid (principal, action, resource);").unwrap();
    let operator = identity("omar", &[Role::Operator], &[]);
    let on_call = identity("ran", &[], &[]);
    for action in Action::ALL {
        assert_eq!(may(&locked, &operator, *action), action.is_way_back(), "{action}");
        assert_eq!(may(&locked, &on_call, *action), action.is_way_back(), "{action}");
    }
    let open = written("permit (principal, action, resource);").unwrap();
    let bot = agent("bot", &Role::ALL);
    for action in [Action::Promote, Action::ApproveRelease, Action::ApproveStep, Action::Override] {
        assert!(!may(&open, &bot, action), "{action}");
    }
    assert!(!may(&open, &operator, Action::Override), "only executives");
    assert!(!may(&open, &identity("maya", &Role::ALL, &[]), Action::Override), "not the owner");
    assert!(may(&open, &identity("vera", &[Role::Viewer], &[]), Action::Ship));
}

#[test]
fn a_refusal_says_why_and_who_could() {
    let policy = Policy::built_in();
    let known = [
        identity("omar", &[Role::Operator], &[]),
        identity("lea", &[Role::Approver], &["data"]),
        agent("bot", &Role::ALL),
    ];
    let refused = |who: &Identity, question: &Question| match policy.decide(who, question, &known) {
        Decision::Allowed => panic!("allowed"),
        Decision::Refused(refused) => refused,
    };
    let vera = identity("vera", &[Role::Viewer], &[]);
    let ship = refused(&vera, &about(Action::Ship));
    let said = "exam-v2: vera may not ship it: the policy does not allow it to viewer; omar, bot can ship it";
    assert_eq!((ship.code.as_str(), ship.to_string().as_str()), ("not-allowed", said));
    let own = refused(&identity("maya", &[Role::Approver], &[]), &about(Action::ApproveRelease));
    assert_eq!(own.code, "own-approval");
    assert!(own.to_string().ends_with("maya owns the release; lea can approve it"), "{own}");
    let agent = refused(&agent("bot", &Role::ALL), &about(Action::ApproveRelease));
    assert_eq!(agent.code, "needs-person");
    let over = refused(&vera, &about(Action::Override));
    assert_eq!((over.code.as_str(), over.could.to_string().as_str()), ("needs-executive", "an executive"));
    let step = Question { level: Some(Level::Data), ..about(Action::ApproveStep) };
    assert_eq!(policy.who(&step, &[]).to_string(), "an approver with the scope data");
}

#[test]
fn a_mistake_is_named_with_its_place_and_nothing_is_half_in_force() {
    let torn = written("permit (principal, action, resource);\n\npermit (principal action, resource);\n")
        .unwrap_err();
    assert_eq!((torn.0[0].line, torn.0[0].column), (Some(3), Some(19)), "{torn}");
    assert!(torn.to_string().starts_with("policy/own.cedar:3:19: "), "{torn}");
    let unknown = written("permit (principal, action == Action::\"shipp\", resource);").unwrap_err();
    assert_eq!(unknown.0[0].line, Some(1), "{unknown}");
    assert!(unknown.to_string().contains("shipp"), "{unknown}");
    let attribute =
        written("\npermit (principal, action, resource)\nwhen { principal.age > 3 };").unwrap_err();
    assert_eq!(attribute.0[0].line, Some(3), "{attribute}");
    let template = written("permit (principal == ?principal, action, resource);").unwrap_err();
    assert!(template.to_string().contains("template"), "{template}");
    let huge = written(&"// long\n".repeat(200_000)).unwrap_err();
    assert!(huge.to_string().contains("bytes"), "{huge}");
}

#[test]
fn rules_of_several_files_are_one_policy_whose_digest_knows_the_files() {
    let files = |first: &str, second: &str| {
        [("policy/a.cedar".to_owned(), first.to_owned()), ("policy/b.cedar".to_owned(), second.to_owned())]
    };
    let (a, b) = ("permit (principal, action == Action::\"read\", resource);", "");
    let one = Policy::read(&files(a, b)).unwrap();
    let other = Policy::read(&files(b, a)).unwrap();
    assert_ne!(one.source().sha256, other.source().sha256);
    let both = Policy::read(&files(a, "forbid (principal, action == Action::\"read\", resource);")).unwrap();
    assert!(!may(&both, &identity("vera", &[Role::Viewer], &[]), Action::Read), "both files count");
}
