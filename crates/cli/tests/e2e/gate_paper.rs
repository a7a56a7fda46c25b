//! What the gate asks of people and paper: blocked, put on record, and open, each as a person would do it.

use std::fs;

use ripcord_engine::PhaseName;

use crate::support::{
    files::{Plan, Service},
    gate::{RELEASE, set},
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gate_is_closed_until_the_paper_is_there() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2"));
    world.bring_up("v1").await;
    let users = world.users();
    users.next(20).await;
    let mut server = world.serve().await;
    assert_eq!(world.missing().await, set([]), "nothing is asked that nobody wrote down");

    world.add("ripcord.yaml", "gate: { ticket: required, approvals: 1, records: [test, load] }\n");
    world.rewrite("on_call: ran\n", "on_call: ran\napprovers: [lea]\ncomms: { before: [support] }\n");
    assert_eq!(world.missing().await, set(["ticket", "approvals", "messages", "tests", "load"]));
    let markdown = world.ripcord(&["gate", RELEASE, "--markdown"]).await.expect(1);
    assert!(markdown.starts_with("**Gate of flow-v2**: blocked\\: "), "{markdown}");
    assert!(markdown.contains("\n| FAIL | ticket | no change ticket is named |"), "{markdown}");
    assert!(markdown.contains("\n| FAIL | approvals | nobody has approved"), "{markdown}");

    world.rewrite("on_call: ran\n", "on_call: ran\nticket: CHG-7\n");
    fs::write(
        world.root().join("bad.xml"),
        "<testsuite><testcase/><testcase><failure/></testcase></testsuite>",
    )
    .unwrap();
    fs::write(world.root().join("good.xml"), "<testsuite><testcase/><testcase/></testsuite>").unwrap();
    fs::write(world.root().join("load.json"), r#"{"tests": 1, "failed": 0}"#).unwrap();
    fs::write(world.root().join("mail.txt"), "The new flow comes on Monday.").unwrap();
    world.ripcord(&["record", "test", "--file", "bad.xml"]).await.expect(0);
    let tests = world.says("tests").await;
    assert_eq!(tests["reason"], "bad.xml says: 2 tests, 1 failed", "{tests}");
    let recorded = world.ripcord(&["record", "test", "--file", "good.xml", "--json"]).await.json(0);
    assert_eq!(recorded["paper"]["counts"]["tests"], 2, "{recorded}");
    world.ripcord(&["record", "load", "--file", "load.json"]).await.expect(0);
    let stranger = world.ripcord(&["record", "message", "sales", "--file", "mail.txt"]).await.expect(1);
    assert!(stranger.contains("`sales`") && stranger.contains("support"), "{stranger}");
    world.ripcord(&["record", "message", "support", "--file", "mail.txt"]).await.expect(0);
    assert_eq!(world.missing().await, set(["approvals"]));

    only_who_may_approves(&world).await;
    assert_eq!(world.missing().await, set([]));
    world.add("releases/flow-v2.yaml", "# looks harmless\n");
    let stale = world.says("approvals").await;
    assert!(stale["reason"].as_str().unwrap().contains("earlier state of the plan"), "{stale}");
    world.approve("lea").await.unwrap();

    server.kill().await;
    server = world.serve().await;
    assert_eq!(world.missing().await, set([]), "what is on record survives the control plane");
    let shown = world.ripcord(&["audit", "show", "--release", RELEASE]).await.expect(0);
    for said in ["approved, blueprint", "test of v2: 2 tests, 1 failed (bad.xml", "support told about v2"] {
        assert!(shown.contains(said), "{said} is not in {shown}");
    }
    world.ripcord(&["audit", "verify"]).await.expect(0);
    users.stop().await;
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

async fn only_who_may_approves(world: &World) {
    let by_me = world.ripcord(&["approve", RELEASE]).await.expect(1);
    assert!(by_me.contains("not named as an approver") && by_me.contains("lea can approve it"), "{by_me}");
    let agent = world.command(&["approve", RELEASE]).env("RIPCORD_ACTOR", "lea").output().await.unwrap();
    assert_eq!(agent.status.code(), Some(1));
    let said = String::from_utf8_lossy(&agent.stderr).into_owned();
    assert!(said.contains("needs a person"), "{said}");
    let refused = world.approve("maya").await.unwrap_err().to_string();
    assert!(refused.contains("maya owns the release"), "{refused}");
    let other = world.ripcord(&["approve", RELEASE, "--blueprint", "00000000"]).await.expect(1);
    assert!(other.contains("not named") || other.contains("looked at blueprint"), "{other}");
    assert_eq!(world.missing().await, set(["approvals"]), "a refusal changes nothing");
    world.approve("lea").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_one_way_change_is_accepted_and_signed_by_somebody_else_or_blocked() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2"));
    world.rewrite("class: code, summary: new submit flow, back: { level: deploy, budget: 30s }",
        "class: contract, summary: new answers, reversibility: one-way, contain: serve the old ones beside it");
    world.bring_up("v1").await;
    let server = world.serve().await;
    assert_eq!(world.missing().await, set(["one-way", "approvals"]));
    let matrix = world.ripcord(&["plan", RELEASE, "--matrix", "--json"]).await.json(0);
    assert_eq!((&matrix["one_way"], &matrix["reviewer"]), (&true.into(), &true.into()), "{matrix}");
    assert_eq!(matrix["rows"][0]["containment"], "serve the old ones beside it");

    world.approve("lea").await.unwrap();
    assert_eq!(world.missing().await, set(["one-way"]), "an approval does not accept the risk");
    world.rewrite("beside it", "beside it, accepted_risk: { by: lea, reason: nobody reads the old ones }");
    let unsigned = world.says("one-way").await;
    assert!(unsigned["reason"].as_str().unwrap().contains("lea has not signed"), "{unsigned}");
    assert_eq!(unsigned["owner"], "lea");
    let refused = world.approve("tom").await.unwrap_err().to_string();
    assert!(refused.contains("lea can approve it"), "who accepts the risk is who signs: {refused}");
    world.approve("lea").await.unwrap();
    assert_eq!(world.missing().await, set([]));

    world.rewrite("by: lea", "by: maya");
    let alone = world.ripcord(&["gate", RELEASE]).await.expect(1);
    assert!(alone.contains("RC0502"), "{alone}");
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_of_configuration_goes_the_same_way_and_waits_for_its_window() {
    let window = |from: &str, until: &str| {
        format!("    window: [{{ from: \"{from}\", until: \"{until}\", zone: Europe/Berlin }}]\n")
    };
    let closed = window("2020-01-01 00:00", "2020-01-02 00:00");
    let world = World::new(|listen, _| Service { more: closed.clone(), ..Service::behind_edge(listen) });
    world.plan(&Plan::new(RELEASE, "v2").lasting(0, "30s"));
    world.rewrite("class: code", "class: config");
    world.bring_up("v1").await;
    let users = world.users();
    users.next(20).await;
    let blocked = world.ripcord(&["gate", RELEASE]).await.expect(1);
    assert!(blocked.contains("no release window is open, and none will open again"), "{blocked}");

    let yaml = fs::read_to_string(world.root().join("ripcord.yaml")).unwrap();
    let open = yaml.replace(&closed, &window("2020-01-01 00:00", "2099-12-31 00:00"));
    fs::write(world.root().join("ripcord.yaml"), open).unwrap();
    let server = world.serve().await;
    assert_eq!(world.missing().await, set([]));
    world.ripcord(&["ship", RELEASE, "--detach"]).await.expect(0);
    let status = world.until_phase(RELEASE, PhaseName::Releasing).await;
    assert_eq!(status.stages.len(), 3, "configuration goes out by stages, too");
    world.ripcord(&["rollback", RELEASE, "--why", "the way back is the same"]).await.expect(3);
    world.until_phase(RELEASE, PhaseName::RolledBack).await;
    users.stop().await;
    server.stop().await;
    world.end(&edge_and("v1")).await;
}
