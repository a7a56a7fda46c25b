use std::fs;

use ripcord_people::{Action, Role, Wish};

use super::*;
use crate::clock::SteadyClock;

fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

fn people(root: &std::path::Path) -> People {
    let clock = Arc::new(SteadyClock::start());
    People::new(Directory::default(), Some(root.to_owned()), person("root"), false, clock)
}

fn may_manage(people: &People) -> bool {
    let question = Question::about_service(Action::ManagePeople, None);
    people.decide(&people.local(&person("root")), &question).is_ok()
}

#[test]
fn a_changed_file_counts_at_once_and_one_with_a_mistake_never() {
    let root = tempfile::tempdir().unwrap();
    let people = people(root.path());
    assert_eq!(people.look_at_rules(), None, "no file, no news");
    assert!(people.policy().in_force.is_built_in() && may_manage(&people));

    fs::create_dir(root.path().join("policy")).unwrap();
    let file = root.path().join("policy/own.cedar");
    fs::write(&file, "permit (principal, action == Action::\"read\", resource);").unwrap();
    let source = people.look_at_rules().expect("other rules");
    assert_eq!(source.files, ["policy/own.cedar"]);
    assert!(!may_manage(&people));
    assert_eq!(people.look_at_rules(), None, "the same again is no news");

    fs::write(&file, "permit (principal, action, resource)\nwhen { principal.nonsense };").unwrap();
    assert_eq!(people.look_at_rules(), None);
    let standing = people.policy();
    assert_eq!(standing.in_force, source, "the one before stays in force");
    assert_eq!((standing.mistakes[0].line, standing.mistakes.len()), (Some(2), 1), "{standing:?}");
    assert!(!may_manage(&people));

    fs::write(root.path().join("policy/notes.txt"), "no rules").unwrap();
    fs::remove_file(&file).unwrap();
    assert!(people.look_at_rules().expect("the built-in ones again").is_built_in());
    assert!(people.policy().mistakes.is_empty() && may_manage(&people));
}

#[test]
fn what_cannot_be_read_is_a_mistake_and_no_empty_policy() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("policy/deep.cedar")).unwrap();
    let people = people(root.path());
    assert_eq!(people.look_at_rules(), None);
    assert!(people.policy().mistakes[0].to_string().starts_with("policy/deep.cedar: it cannot be read"));
    assert!(people.policy().in_force.is_built_in());
}

#[test]
fn whoever_runs_it_is_alone_until_somebody_is_set_up_and_is_never_locked_out() {
    let root = tempfile::tempdir().unwrap();
    let people = people(root.path());
    assert!(people.local(&person("root")).is(Role::Operator));
    let wish = Wish::Add {
        name: person("ada"),
        kind: ripcord_people::UserKind::Person,
        roles: [Role::Admin].into(),
        scopes: Default::default(),
        password: None,
    };
    people.replace(people.directory().grant(wish, people.now()).unwrap().directory);
    let root = people.local(&person("root"));
    assert!(!root.is(Role::Operator) && root.is(Role::Admin));
    assert_eq!(people.local(&person("ada")).roles, [Role::Admin].into());
    assert!(people.agent(&root, person("ada")).is_err(), "an agent does not take a person's name");
    assert_eq!(people.agent(&root, person("claude")).unwrap().roles, [Role::Viewer].into());
}

#[test]
fn records_come_back_as_they_were_and_hold_no_secret() {
    let secret = ripcord_people::Secret::from_random([7; 32]);
    let now = Timestamp::from_ms(1_790_000_000_000);
    let add = Wish::Add {
        name: person("ada"),
        kind: ripcord_people::UserKind::Person,
        roles: [Role::Admin].into(),
        scopes: Default::default(),
        password: None,
    };
    let first = Directory::default().grant(add, now).unwrap();
    let token = Wish::CreateToken {
        hash: secret.hash(),
        user: person("ada"),
        roles: None,
        scopes: None,
        purpose: Some("deploys".to_owned()),
        expires: now.plus(ripcord_model::Duration::from_secs(60)),
    };
    let second = first.directory.grant(token, now).unwrap();
    let kept: Vec<ripcord_store::Kept> = changes(&first)
        .into_iter()
        .chain(changes(&second))
        .map(|change| match change {
            ripcord_store::KeptChange::Put(kept) => kept,
            ripcord_store::KeptChange::Remove { .. } => panic!("nothing goes"),
        })
        .collect();
    assert_eq!(directory(&kept).unwrap(), second.directory);
    assert!(kept.iter().all(|kept| !String::from_utf8_lossy(&kept.bytes).contains(secret.reveal())));
    let torn = [ripcord_store::Kept { bytes: b"{".to_vec(), ..kept[0].clone() }];
    assert_eq!(directory(&torn).unwrap_err().code, "people-unreadable");
}
