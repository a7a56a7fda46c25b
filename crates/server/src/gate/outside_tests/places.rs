//! The same digest in every place, and its signature.

use ripcord_adapters::port::{Holds, Target};
use ripcord_model::blueprint::Signature;

use super::*;
use crate::{
    fixed,
    gate::{digests::Digests, signature::Signed},
};

fn digest(letter: char) -> String {
    format!("sha256:{}", String::from(letter).repeat(64))
}

fn target(name: &str, holds: Holds) -> Target {
    Target { name: name.to_owned(), lasting: true, holds }
}

/// v2 is `a`, v1 is `b`, on eight servers each.
fn eight_servers() -> World {
    let mut world = World::new();
    world.blueprint.candidate.digest = Some(digest('a'));
    world.blueprint.last_good.as_mut().unwrap().digest = Some(digest('b'));
    for number in 1..=8 {
        for (version, letter) in [("v2", 'a'), ("v1", 'b')] {
            let target = target(&format!("web-{number}"), Holds::Digest(digest(letter)));
            world.script.memory().targets.push((testing::version(version), target));
        }
    }
    world
}

/// What web-8 has of a version.
fn web_8(world: &World, version: &str, holds: Option<Holds>) {
    let mut memory = world.script.memory();
    let is_it =
        |known: &(ripcord_model::VersionName, Target)| known.0.as_str() == version && known.1.name == "web-8";
    memory.targets.retain(|known| !is_it(known));
    memory.targets.extend(holds.map(|holds| (testing::version(version), target("web-8", holds))));
}

#[tokio::test]
async fn one_of_eight_servers_with_old_code_blocks_and_is_named() {
    let world = eight_servers();
    let answer = world.ask(Digests).await;
    assert_eq!(answer.status, CheckStatus::Pass, "{answer:?}");
    assert_eq!(answer.reason, "all 16 places that can say have the expected digest");

    web_8(&world, "v2", Some(Holds::Digest(digest('c'))));
    let answer = world.ask(Digests).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert_eq!(answer.reason, "v2 is sha256:aaaaaaaaaaaa, but not everywhere: web-8 has sha256:cccccccccccc");

    web_8(&world, "v2", None);
    let answer = world.ask(Digests).await;
    assert_eq!((answer.status, answer.reason.as_str()), (CheckStatus::Fail, "v2 is not at web-8"));

    web_8(&world, "v2", Some(Holds::Digest(digest('a'))));
    web_8(&world, "v1", Some(Holds::Digest(digest('c'))));
    let answer = world.ask(Digests).await;
    assert_eq!(answer.status, CheckStatus::Fail, "the way back would lead to two versions: {answer:?}");
    assert!(answer.reason.starts_with("v1 is sha256:bbbbbbbbbbbb, but not everywhere: web-8"), "{answer:?}");
}

#[tokio::test]
async fn a_version_that_was_forgotten_in_production_is_found_when_all_are_asked() {
    let mut world = eight_servers();
    world.script.memory().running.push(testing::version("v0"));
    assert_eq!(world.ask(Digests).await.status, CheckStatus::Pass);
    world.blueprint.checks.digests_required = true;
    let answer = world.ask(Digests).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert!(answer.reason.ends_with("is what runs here: v0 at 127.0.0.1:9000"), "{answer:?}");
}

#[tokio::test]
async fn staging_is_looked_at_as_well_and_named() {
    let mut world = eight_servers();
    let staging = "staging".parse().unwrap();
    world.blueprint.staging =
        Some(ripcord_model::blueprint::Environment { name: staging, ..world.blueprint.production.clone() });
    let answer = world.ask(Digests).await;
    assert_eq!(answer.reason, "all 32 places that can say have the expected digest");
    web_8(&world, "v2", Some(Holds::Unknown("it is down".to_owned())));
    let answer = world.ask(Digests).await;
    assert!(answer.reason.ends_with("web-8 (it is down), web-8 in staging (it is down)"), "{answer:?}");
}

#[tokio::test]
async fn a_version_that_nobody_fixed_must_still_be_the_same_everywhere() {
    let mut world = eight_servers();
    world.blueprint.last_good.as_mut().unwrap().digest = None;
    assert_eq!(world.ask(Digests).await.status, CheckStatus::Pass);
    web_8(&world, "v1", Some(Holds::Digest(digest('c'))));
    let answer = world.ask(Digests).await;
    assert!(answer.reason.starts_with("v1 is not the same everywhere: web-8 has"), "{answer:?}");
}

#[tokio::test]
async fn a_place_that_cannot_say_blocks_only_when_all_are_asked() {
    let mut world = eight_servers();
    web_8(&world, "v2", Some(Holds::Unknown("it named no digest".to_owned())));
    let answer = world.ask(Digests).await;
    assert_eq!(answer.status, CheckStatus::Pass, "{answer:?}");
    assert!(answer.reason.ends_with("; it cannot be said of web-8 (it named no digest)"), "{answer:?}");
    world.blueprint.checks.digests_required = true;
    let answer = world.ask(Digests).await;
    assert_eq!(answer.status, CheckStatus::Unknown, "{answer:?}");

    world.script.memory().targets.clear();
    let answer = world.ask(Digests).await;
    assert_eq!(answer.status, CheckStatus::Unknown, "{answer:?}");
    assert_eq!(answer.reason, "nobody can say which v2 is in production");
    world.blueprint.candidate.digest = None;
    let answer = world.ask(Digests).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert!(answer.reason.starts_with("v2 has no digest"), "{answer:?}");
    world.blueprint.checks.digests_required = false;
    world.blueprint.last_good.as_mut().unwrap().digest = None;
    assert!(!Digests.applies(&world.blueprint), "nobody asked, and there is nothing to compare");
}

#[tokio::test(start_paused = true)]
async fn places_that_cannot_be_asked_are_unknown() {
    for fault in [Fault::Permanent, Fault::Hang, Fault::Panic] {
        let world = eight_servers();
        world.script.memory().faults.insert("workload.targets", fault.clone());
        let answer = world.ask(Digests).await;
        assert_eq!(answer.status, CheckStatus::Unknown, "{fault:?} {answer:?}");
    }
}

const KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE0NH5vviOdgYnSirTe4VsrgImUCDP
XmBiI6zUbscC/FY8o0Qw0/RgcNQUuEklzMWpRlMgsT5mh3B7PrgNYovEnA==
-----END PUBLIC KEY-----
";
const SIGNATURE: &str =
    "MEUCID5D/Umkf4F4aHufgHvDLDdMOxDRMu18bO7FKsjQeHcpAiEAvYLGJ9bLP8M1sVmoX27ZIs7a/b0UILwOvLP0bFuZeYw=";

#[tokio::test]
async fn an_artifact_must_be_the_one_that_was_signed() {
    let mut world = World::new();
    let write =
        |world: &World, name: &str, text: &str| std::fs::write(world.root().join(name), text).unwrap();
    let signature = Signature { file: "app-{version}.sig".to_owned(), key: "release.pub".to_owned() };
    world.blueprint.checks.signature = Some(signature);
    let answer = world.ask(Signed).await;
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (CheckStatus::Fail, "v2 names no artifact whose signature could be checked")
    );

    world.blueprint.candidate.artifact = Some("app".to_owned());
    for (name, text, said) in [
        ("release.pub", KEY, "there is no public key at"),
        ("app-v2.sig", SIGNATURE, "there is no signature at"),
        ("app", "the artifact of v2\n", "there is no artifact at"),
    ] {
        let answer = world.ask(Signed).await;
        assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
        assert!(answer.reason.contains(said), "{answer:?}");
        write(&world, name, text);
    }
    fixed::fix(world.root.path(), &mut world.blueprint);
    let answer = world.ask(Signed).await;
    assert_eq!(answer.status, CheckStatus::Pass, "{answer:?}");
    assert_eq!(
        answer.reason,
        "app (sha256:8944271a7521) is signed with ECDSA P-256, checked with release.pub"
    );

    write(&world, "app", "the artifact of v2?\n");
    let answer = world.ask(Signed).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert!(answer.reason.contains("the signature does not hold"), "{answer:?}");
    assert!(answer.fix.contains("do not release this one"), "{answer:?}");

    // Signed as well, and still not what the blueprint was made of.
    write(&world, "app", "the artifact of v2\n");
    world.blueprint.candidate.digest = Some(digest('a'));
    let answer = world.ask(Signed).await;
    assert!(answer.reason.contains("was replaced since the blueprint was made"), "{answer:?}");
    write(&world, "release.pub", "hunter2");
    let answer = world.ask(Signed).await;
    assert!(answer.reason.contains("is not a public key"), "{answer:?}");
}
