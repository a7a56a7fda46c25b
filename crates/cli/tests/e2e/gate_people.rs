//! What the gate asks of people: to look at differences, to be there, and to have prepared a critical path.

use std::fs;

use crate::support::{
    files::Plan,
    gate::{RELEASE, set},
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn differences_are_looked_at_as_they_are_and_who_is_on_call_is_there() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2"));
    world.add("ripcord.yaml", "gate: { on_call: acknowledged, config_diff: reviewed }\n");
    world.bring_up("v1").await;
    let users = world.users();
    users.next(20).await;
    let server = world.serve().await;
    assert_eq!(world.missing().await, set(["config-diff", "on-call"]));

    let shown = world.ripcord(&["record", "config-diff", "--show"]).await.expect(0);
    assert!(
        shown.contains("router.edge.listen\n") && shown.contains("workload.process.command\n"),
        "{shown}"
    );
    let agent = world.command(&["record", "config-diff"]).env("RIPCORD_ACTOR", "bot").output().await.unwrap();
    assert_eq!(agent.status.code(), Some(1), "an agent reviews nothing");
    assert_eq!(world.missing().await, set(["config-diff", "on-call"]), "to look is not to have reviewed");
    world.ripcord(&["record", "config-diff"]).await.expect(0);
    assert_eq!(world.missing().await, set(["on-call"]));
    let yaml = fs::read_to_string(world.root().join("ripcord.yaml")).unwrap();
    let slower = yaml.replacen("ready_within: 5s, grace: 3s", "ready_within: 6s, grace: 3s", 1);
    assert_ne!(yaml, slower);
    fs::write(world.root().join("ripcord.yaml"), slower).unwrap();
    let changed = world.says("config-diff").await;
    assert!(changed["reason"].as_str().unwrap().contains("have changed since"), "{changed}");
    world.ripcord(&["record", "config-diff"]).await.expect(0);

    world.ripcord(&["ship", RELEASE, "--detach"]).await.expect(0);
    let blocked = world.until(RELEASE, "at the gate", |status| !status.gate.is_empty()).await;
    let on_call = blocked.gate.iter().find(|check| check.check == "on-call").unwrap();
    assert_eq!((on_call.owner.as_str(), on_call.status.opens()), ("ran", false), "{on_call:?}");
    assert_eq!(world.starts("v2"), 0, "nothing of it is in production");
    world.ripcord(&["acknowledge", RELEASE]).await.expect(0);
    assert_eq!(world.missing().await, set([]));
    world.ripcord(&["rollback", RELEASE, "--why", "enough seen"]).await.expect(3);
    users.stop().await;
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_critical_path_without_a_flag_or_a_runbook_does_not_pass() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2"));
    world.rewrite("on_call: ran\n", "on_call: ran\ncritical_path: true\n");
    let minutes = world.ripcord(&["gate", RELEASE]).await.expect(1);
    assert!(minutes.contains("RC0307") && minutes.contains("takes minutes to go back"), "{minutes}");

    let flags = "    flags: { set: \"echo {state} > flag-{flag}\", get: \"cat flag-{flag}\" }\n";
    let yaml = fs::read_to_string(world.root().join("ripcord.yaml")).unwrap();
    let switched = yaml.replace("    probes:", &format!("{flags}    probes:"));
    fs::write(world.root().join("ripcord.yaml"), switched).unwrap();
    world.rewrite("level: deploy", "level: flag, flag: submit");
    assert_eq!(world.missing().await, set(["runbook"]));
    let none = world.says("runbook").await;
    assert!(none["reason"].as_str().unwrap().contains("no runbook says what to do"), "{none}");
    world.add("releases/flow-v2.yaml", "runbook: runbooks/submit.md\n");
    let missing = world.says("runbook").await;
    assert_eq!(missing["reason"], "there is no runbook runbooks/submit.md");
    fs::create_dir(world.root().join("runbooks")).unwrap();
    fs::write(world.root().join("runbooks/submit.md"), RUNBOOK).unwrap();
    assert_eq!(world.missing().await, set([]));
}

const RUNBOOK: &str = "---
runbook: submit
owner: team-exams
trigger: submit-errors above 5% for 5m
budget: 6m
access: [VPN]
---
# Submit errors

## 1. Flag off
```flag {step=flag-off level=flag budget=30s timeout=60s}
submit off
```
";
