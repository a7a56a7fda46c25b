//! Overrides: refused for the wrong people, accepted from the right one, owed until somebody has written down what came of
//! it.

use std::fs;

use ripcord_engine::PhaseName;

use crate::support::{
    files::Plan,
    gate::{RELEASE, set},
    world::{Ended, World, edge_and},
};

const PAGE: &str = "postmortems/flow-v2-1.md";

impl World {
    /// The same command as somebody else.
    async fn by(&self, who: &str, arguments: &[&str]) -> Ended {
        self.ripcord(&[&["--as", who], arguments].concat()).await
    }

    fn page(&self) -> String {
        fs::read_to_string(self.root().join(PAGE)).unwrap_or_else(|error| panic!("{PAGE}: {error}"))
    }

    /// How many entries of a kind are on record about the release.
    async fn recorded(&self, kind: &str) -> usize {
        let filter = ["audit", "show", "--release", RELEASE, "--kind", kind, "--json"];
        let found = self.ripcord(&filter).await.json(0);
        found.as_array().unwrap_or_else(|| panic!("{found}")).len()
    }
}

const OVERRIDE: [&str; 7] =
    ["override", RELEASE, "ticket", "--reason", "the exam begins at noon", "--expires", "4h"];

async fn nobody_else_can(world: &World) {
    let refused = [
        ("maya:executive", "owns the release"),
        ("ran:operator", "executive"),
        ("lea:approver", "executive"),
        ("lea:admin", "executive"),
    ];
    for (who, why) in refused {
        let said = world.by(who, &OVERRIDE).await.expect(1);
        assert!(said.contains(why), "{who}: {said}");
    }
    let agent = world.command(&OVERRIDE).env("RIPCORD_ACTOR", "bot").output().await.unwrap();
    assert_eq!(agent.status.code(), Some(1), "{agent:?}");
    let refused = [
        ("way-back", "nothing leaves the gate without a way back"),
        ("offline-way-back", "nothing overrides"),
        ("probes", "passes"),
        ("weather", "the gate asks nothing called `weather`"),
    ];
    for (check, why) in refused {
        let mut arguments = OVERRIDE;
        arguments[2] = check;
        let said = world.by("lea:executive", &arguments).await.expect(1);
        assert!(said.contains(why), "{check}: {said}");
    }
    for expires in ["0s", "2020-01-01", "30d"] {
        let mut arguments = OVERRIDE;
        arguments[6] = expires;
        world.by("lea:executive", &arguments).await.expect(1);
    }
    let mut silent = OVERRIDE;
    silent[4] = " ";
    world.by("lea:executive", &silent).await.expect(1);
    assert_eq!(world.recorded("check-overridden").await, 0, "a refusal changes nothing");
    assert!(!world.root().join("postmortems").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_one_opens_the_gate_and_owes_a_post_mortem_until_it_is_written() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2").lasting(0, "120s"));
    world.add("ripcord.yaml", "gate: { ticket: required }\n");
    world.bring_up("v1").await;
    let users = world.users();
    users.next(20).await;
    let server = world.serve().await;
    world.ripcord(&["ship", RELEASE, "--detach"]).await.expect(0);
    world.until(RELEASE, "closed at the gate", |status| !status.gate.is_empty()).await;
    assert_eq!(world.missing().await, set(["ticket"]));
    nobody_else_can(&world).await;

    let opened = world.by("lea:executive", &OVERRIDE).await.expect(0);
    for said in ["ticket of flow-v2 is overridden until", "no change ticket is named", PAGE, "maya writes it"]
    {
        assert!(opened.contains(said), "{said} is not in {opened}");
    }
    world.until_phase(RELEASE, PhaseName::Releasing).await;
    assert_eq!((world.recorded("check-overridden").await, world.recorded("postmortem-opened").await), (1, 1));
    let second = world.by("tom:executive", &OVERRIDE).await.expect(1);
    assert!(second.contains("is overridden already, by lea"), "{second}");
    let check = world.says("ticket").await;
    assert_eq!(check["status"], "overridden");
    let reason = check["reason"].as_str().unwrap();
    assert!(
        reason.contains("lea accepts it until") && reason.contains("the exam begins at noon"),
        "{reason}"
    );
    let gate = world.ripcord(&["gate", RELEASE]).await.expect(0);
    assert!(gate.contains("1 overridden") && gate.contains("owed: post-mortem flow-v2-1, due"), "{gate}");
    let owed = world.ripcord(&["status", RELEASE]).await.expect(0);
    assert!(owed.contains("post-mortem flow-v2-1 about ticket: maya, due in 1 d 23 h"), "{owed}");

    let page = world.page();
    for known in ["# Post-mortem flow-v2-1", "no change ticket is named", "lea", "the exam begins at noon"] {
        assert!(page.contains(known), "{known} is not in {page}");
    }
    fs::write(world.root().join(PAGE), page + "mine\n").unwrap();
    server.kill().await;
    let server = world.serve().await;
    assert!(world.page().ends_with("mine\n"), "what somebody wrote is not touched");
    let status = world.ripcord(&["status", RELEASE, "--json"]).await.json(0);
    assert_eq!(status["postmortems"][0]["id"], "flow-v2-1", "{status}");

    closed_by_who_owes_it(&world).await;
    world.ripcord(&["rollback", RELEASE, "--why", "enough seen"]).await.expect(3);
    world.ripcord(&["audit", "verify"]).await.expect(0);
    users.stop().await;
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

async fn closed_by_who_owes_it(world: &World) {
    let close = ["postmortem", "close", "flow-v2-1", "--file", PAGE];
    let unfinished = world.by("maya:operator", &close).await.expect(1);
    assert!(unfinished.contains("is still to be written"), "{unfinished}");
    let text = world.page();
    let written = text.lines().map(|line| {
        if line.contains("To be written:") {
            "Nobody noticed anything; the ticket was filed at one."
        } else {
            line
        }
    });
    fs::write(world.root().join(PAGE), written.collect::<Vec<_>>().join("\n")).unwrap();
    let stranger = world.by("tom:operator", &close).await.expect(1);
    assert!(stranger.contains("maya, who writes it, can"), "{stranger}");
    let agent = world.command(&close).env("RIPCORD_ACTOR", "maya").output().await.unwrap();
    assert_eq!(agent.status.code(), Some(1), "{agent:?}");
    assert_eq!(world.recorded("postmortem-closed").await, 0);
    let closed = world.by("maya:operator", &close).await.expect(0);
    assert!(closed.contains("flow-v2-1 is closed, by maya"), "{closed}");
    assert_eq!(world.recorded("postmortem-closed").await, 1);
    let status = world.ripcord(&["status", RELEASE, "--json"]).await.json(0);
    assert!(status["postmortems"].is_null(), "nothing is owed any more: {status}");
    let none = world.ripcord(&["postmortem", "list"]).await.expect(0);
    assert_eq!(none, "No post-mortem is owed.\n");
    let all = world.ripcord(&["postmortem", "list", "--all", "--json"]).await.json(0);
    assert_eq!(all[0]["post_mortem"]["closed"]["by"]["name"], "maya", "{all}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_plan_and_a_passed_hour_close_the_gate_again_and_a_page_waits_for_its_place() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2"));
    world.add("ripcord.yaml", "gate: { ticket: required }\n");
    world.bring_up("v1").await;
    let server = world.serve().await;
    // A file stands where the folder should be: the record does not depend on it.
    fs::write(world.root().join("postmortems"), "").unwrap();
    let opened = world.by("lea:executive", &OVERRIDE).await.expect(0);
    assert!(opened.contains("could not be written") && opened.contains("it is tried again"), "{opened}");
    assert_eq!(world.recorded("postmortem-opened").await, 1, "the record stands");
    assert_eq!(world.says("ticket").await["status"], "overridden", "before anybody has shipped it");
    fs::remove_file(world.root().join("postmortems")).unwrap();
    let listed = world.ripcord(&["postmortem", "list"]).await.expect(0);
    assert!(listed.contains("flow-v2-1") && listed.contains("due in 1 d 23 h"), "{listed}");
    assert!(world.page().contains("the exam begins at noon"));

    world.add("releases/flow-v2.yaml", "# looks harmless\n");
    let void = world.says("ticket").await;
    assert_eq!(void["status"], "fail");
    assert!(void["reason"].as_str().unwrap().contains("for an earlier state of the plan"), "{void}");
    let mut shortly = OVERRIDE;
    shortly[6] = "3s";
    world.by("lea:executive", &shortly).await.expect(0);
    let mut said = serde_json::Value::Null;
    for _ in 0..200 {
        said = world.says("ticket").await;
        if said["status"] == "fail" {
            break;
        }
    }
    assert!(said["reason"].as_str().unwrap().contains("lea's override expired at"), "{said}");
    server.stop().await;
    world.end(&edge_and("v1")).await;
}
