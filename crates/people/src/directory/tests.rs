use std::collections::BTreeSet;

use ripcord_model::{Duration, Person, Timestamp};

use super::*;
use crate::{Role, Scope, Secret, UserKind};

const NOW: Timestamp = Timestamp::from_ms(1_790_000_000_000);
const DAY: Duration = Duration::from_secs(86_400);

fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

fn add(name: &str, kind: UserKind, roles: &[Role]) -> Wish {
    let scopes = if roles.contains(&Role::Approver) { vec![Scope::new("data").unwrap()] } else { Vec::new() };
    Wish::Add {
        name: person(name),
        kind,
        roles: roles.iter().copied().collect(),
        scopes: scopes.into_iter().collect(),
        password: None,
    }
}

fn token(secret: &Secret, user: &str, roles: Option<&[Role]>) -> Wish {
    Wish::CreateToken {
        hash: secret.hash(),
        user: person(user),
        roles: roles.map(|roles| roles.iter().copied().collect()),
        scopes: None,
        purpose: None,
        expires: NOW.plus(DAY),
    }
}

fn after(wishes: impl IntoIterator<Item = Wish>) -> Directory {
    wishes.into_iter().fold(Directory::default(), |directory, wish| {
        directory.grant(wish, NOW).unwrap_or_else(|refused| panic!("{refused}")).directory
    })
}

fn team() -> Directory {
    after([
        add("ada", UserKind::Person, &[Role::Admin]),
        add("lea", UserKind::Person, &[Role::Operator, Role::Approver]),
        add("bot", UserKind::Agent, &[Role::Operator]),
    ])
}

fn refused(directory: &Directory, wish: Wish) -> WishRefusal {
    directory.grant(wish, NOW).expect_err("refused")
}

#[test]
fn somebody_is_admin_as_long_as_anybody_is_set_up() {
    let first = add("lea", UserKind::Person, &[Role::Operator]);
    assert_eq!(refused(&Directory::default(), first), WishRefusal::NoAdmin);
    let team = team();
    assert_eq!(refused(&team, Wish::Remove { name: person("ada") }), WishRefusal::NoAdmin);
    let demoted = Wish::Change {
        name: person("ada"),
        roles: Some(BTreeSet::from([Role::Viewer])),
        scopes: None,
        password: None,
    };
    assert_eq!(refused(&team, demoted), WishRefusal::NoAdmin);
    let alone = after([add("ada", UserKind::Person, &[Role::Admin])]);
    let nobody = alone.grant(Wish::Remove { name: person("ada") }, NOW).unwrap();
    assert!(nobody.directory.is_empty(), "the last one may go: then nobody is set up");
}

#[test]
fn an_agent_is_never_approver_executive_or_admin() {
    for role in [Role::Approver, Role::Executive, Role::Admin] {
        let wish = add("claude", UserKind::Agent, &[Role::Viewer, role]);
        assert_eq!(refused(&team(), wish).code(), "agent-cannot-be");
    }
}

#[test]
fn wishes_that_make_no_sense_are_refused_and_change_nothing() {
    let team = team();
    let before = team.clone();
    let secret = Secret::from_random([1; 32]);
    for (wish, code) in [
        (add("lea", UserKind::Person, &[Role::Viewer]), "person-known"),
        (add("ripcord", UserKind::Person, &[Role::Viewer]), "reserved-name"),
        (add("tom", UserKind::Person, &[]), "no-role"),
        (Wish::Remove { name: person("tom") }, "no-such-person"),
        (token(&secret, "tom", None), "no-such-person"),
        (token(&secret, "lea", Some(&[Role::Admin])), "token-too-wide"),
        (token(&secret, "lea", Some(&[])), "token-opens-nothing"),
        (Wish::RevokeToken { id: secret.hash().id() }, "no-such-token"),
    ] {
        assert_eq!(refused(&team, wish).code(), code);
    }
    for expires in [NOW, Timestamp::from_ms(0), NOW.plus(Duration::from_secs(400 * 86_400))] {
        let Wish::CreateToken { hash, user, roles, scopes, purpose, .. } = token(&secret, "lea", None) else {
            unreachable!()
        };
        let wish = Wish::CreateToken { hash, user, roles, scopes, purpose, expires };
        assert_eq!(refused(&team, wish).code(), "bad-expiry");
    }
    assert_eq!(team, before);
}

#[test]
fn a_token_opens_what_it_says_until_its_end() {
    let secret = Secret::from_random([1; 32]);
    let team = team().grant(token(&secret, "lea", Some(&[Role::Operator])), NOW).unwrap().directory;
    let known = team.recognise(secret.reveal(), NOW).unwrap();
    assert_eq!(known.identity.roles, BTreeSet::from([Role::Operator]));
    assert_eq!(known.identity.scopes, BTreeSet::from([Scope::new("data").unwrap()]));
    assert_eq!(known.narrowed.as_deref(), Some("the roles operator"));
    assert!(known.is_news);
    let used = team.used(&known.token, NOW);
    assert!(!used.recognise(secret.reveal(), NOW.plus(Duration::from_secs(59))).unwrap().is_news);
    assert!(used.recognise(secret.reveal(), NOW.plus(Duration::from_secs(60))).unwrap().is_news);

    assert_eq!(team.recognise("ripcord_", NOW), Err(TokenRefusal::Unknown));
    assert_eq!(team.recognise(&secret.reveal()[1..], NOW), Err(TokenRefusal::Unknown));
    let expired = team.recognise(secret.reveal(), NOW.plus(DAY)).unwrap_err();
    assert_eq!(expired.code(), "token-expired");
    let revoked = team.grant(Wish::RevokeToken { id: known.token.clone() }, NOW).unwrap().directory;
    assert_eq!(revoked.recognise(secret.reveal(), NOW).unwrap_err().code(), "token-revoked");
    assert_eq!(refused(&revoked, Wish::RevokeToken { id: known.token }).code(), "token-revoked");
}

#[test]
fn what_a_person_loses_their_tokens_lose_and_whoever_leaves_leaves_none() {
    let secret = Secret::from_random([1; 32]);
    let team = team().grant(token(&secret, "lea", None), NOW).unwrap().directory;
    let less = Wish::Change {
        name: person("lea"),
        roles: Some(BTreeSet::from([Role::Viewer])),
        scopes: Some(BTreeSet::new()),
        password: None,
    };
    let less = team.grant(less, NOW).unwrap().directory;
    let known = less.recognise(secret.reveal(), NOW).unwrap();
    assert_eq!(
        (known.identity.roles, known.identity.scopes),
        (BTreeSet::from([Role::Viewer]), BTreeSet::new())
    );
    let gone = team.grant(Wish::Remove { name: person("lea") }, NOW).unwrap();
    assert_eq!(gone.tokens.len(), 1);
    assert_eq!(gone.directory.recognise(secret.reveal(), NOW).unwrap_err().code(), "token-revoked");
    let back = gone.directory.grant(add("lea", UserKind::Person, &[Role::Viewer]), NOW).unwrap();
    assert!(
        back.directory.recognise(secret.reveal(), NOW).is_err(),
        "a name that comes back has no old tokens"
    );
}

#[test]
fn a_password_opens_for_its_user_and_the_one_of_nobody_for_nobody() {
    let password = crate::PasswordHash::of("correct horse battery", [7; 16]).unwrap();
    let change =
        Wish::Change { name: person("lea"), roles: None, scopes: None, password: Some(password.clone()) };
    let team = team().grant(change, NOW).unwrap().directory;
    assert_eq!(team.by_password(&person("lea"), "correct horse battery").unwrap().name(), &person("lea"));
    assert_eq!(team.by_password(&person("lea"), "correct horse"), None);
    for name in ["ada", "tom"] {
        assert_eq!(team.by_password(&person(name), "correct horse battery"), None, "{name}");
        assert_eq!(team.by_password(&person(name), "nobody types this"), None, "{name}");
    }
}

#[test]
fn no_fact_holds_a_hash_or_a_secret() {
    let secret = Secret::from_random([0xcd; 32]);
    let change = team().grant(token(&secret, "lea", None), NOW).unwrap();
    let fact = serde_json::to_string(&change.fact).unwrap();
    let kept = serde_json::to_string(&change.directory.token(&secret.hash().id()).unwrap().hash).unwrap();
    assert!(!fact.contains(secret.reveal()) && !fact.contains(kept.trim_matches('"')), "{fact}");
    assert!(fact.starts_with(r#"{"kind":"token-created","id":""#), "{fact}");
}
