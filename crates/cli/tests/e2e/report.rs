//! What a real release leaves behind: told while it moves and when it is over, beside a server and without one, with the
//! override, the post-mortem and the messages of it, and every number found in the ledger.

#[path = "../report/found.rs"]
mod found;

use std::{collections::BTreeMap, fs, io::Read as _};

use ripcord_engine::{PhaseName, StageState};
use serde_json::Value;

use crate::support::{
    files::Plan,
    gate::RELEASE,
    receiver::Receivers,
    server::Server,
    world::{World, edge_and},
};

/// The files of a package, by name.
fn package(world: &World, name: &str) -> BTreeMap<String, String> {
    let bytes = fs::File::open(world.root().join(name)).unwrap();
    let mut archive = zip::ZipArchive::new(bytes).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

/// Every entry of the ledger, by its position.
async fn ledger(world: &World) -> BTreeMap<u64, Value> {
    let entries = world.ripcord(&["audit", "show", "--limit", "100000", "--json"]).await.json(0);
    let entries = entries.as_array().unwrap().iter();
    entries.map(|entry| (entry["position"].as_u64().unwrap(), entry.clone())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pulled_release_is_told_while_it_moves_and_when_it_is_over() {
    let receivers = Receivers::start().await;
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2").lasting(0, "600s"));
    let channel = format!(
        "channels:\n  hook: {{ webhook: {{ url: \"http://{}/hook\", secret: env:HOOK_SECRET }} }}\n",
        receivers.http
    );
    world.add(
        "ripcord.yaml",
        &format!("gate: {{ ticket: required }}\n{channel}audiences: {{ internal: [hook] }}\n"),
    );
    world.bring_up("v1").await;
    let users = world.users();
    users.next(20).await;
    let secrets = [("HOOK_SECRET", "hunter2-hunter2".to_owned()), ("RIPCORD_DEMO", "1".to_owned())];
    let server = Server::start_knowing(world.root(), &[], &secrets).await;
    world.ripcord(&["ship", RELEASE, "--detach"]).await.expect(0);
    world.until(RELEASE, "closed at the gate", |status| !status.gate.is_empty()).await;
    let closed = world.ripcord(&["report", RELEASE]).await.expect(0);
    assert!(closed.contains("still moving") && closed.contains("v2 stands before the gate"), "{closed}");
    assert!(closed.contains("| FAIL | ticket |"), "{closed}");

    let accept =
        ["--as", "lea:executive", "override", RELEASE, "ticket", "--reason", "the exam begins at noon"];
    world.ripcord(&[&accept[..], &["--expires", "4h"]].concat()).await.expect(0);
    let is_baking = |status: &ripcord_engine::Status| status.stages[0].state == StageState::Baking;
    world.until(RELEASE, "in its first stage", is_baking).await;
    let moving = world.ripcord(&["report", RELEASE, "--json"]).await.json(0);
    assert_eq!((&moving["over"], &moving["phase"]), (&false.into(), &"releasing".into()));

    world.ripcord(&["rollback", RELEASE, "--why", "scores look wrong"]).await.expect(3);
    world.until_phase(RELEASE, PhaseName::RolledBack).await;
    let told =
        |row: &Value| row["to"] == "hook (internal)" && row["went"].as_str().unwrap().starts_with("arrived");
    let deadline = tokio::time::Instant::now() + crate::support::PATIENCE;
    loop {
        let report = world.ripcord(&["report", RELEASE, "--json"]).await.json(0);
        if report["messages"].as_array().unwrap().iter().any(told) {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "nobody was told: {}", report["messages"]);
    }
    users.stop().await;
    server.stop().await;

    let packed = world.ripcord(&["report", RELEASE, "--package", "all.zip"]).await.expect(0);
    assert!(packed.starts_with("Written to all.zip: "), "{packed}");
    let (files, entries) = (package(&world, "all.zip"), ledger(&world).await);
    let mut lines = 0;
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".md")) {
        lines += found::check(name, text, &entries);
    }
    assert!(lines > 60, "only {lines} lines have numbers");
    let says = |file: &str, word: &str| {
        assert!(files[file].contains(word), "{word} is not in {file}:\n{}", files[file])
    };
    says("README.md", "v2 was pulled; all users are on v1");
    says("people.md", "the exam begins at noon");
    says("people.md", "flow-v2-1");
    says("checklists.md", "- [ ] The post-mortem on ticket is closed: not on record");
    says("rollback-log.md", "scores look wrong");
    says("rollback-log.md", "bleeding stopped, read back");
    says("messages.md", "| hook (internal) |");
    says("retrospective.md", "write a rollback rule for what was seen");
    says("SKILL.md", "ripcord approve flow-v2");
    assert!(!files.values().any(|text| text.contains("hunter2")), "no secret is in a report");

    let numbers = world.ripcord(&["metrics", "--json"]).await.json(0);
    assert_eq!(numbers["change_fail_rate"]["count"], 1, "{numbers}");
    assert_eq!(numbers["rollback_success"]["good"], 1, "{numbers}");
    let left: Vec<_> = edge_and("v1").to_vec();
    world.end(&left).await;
}
