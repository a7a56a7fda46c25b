//! A runbook whose steps act on real systems: half of the users are on the new version, and the control plane is dead.

use std::fs;

use crate::support::{
    files::{Plan, Service},
    users::{share_of, versions},
    world::{World, edge_and},
};

const BACK: &str = "\
---
runbook: back
owner: team-exams
trigger: submit-errors above 15% for 1s
budget: 2m
---
# Back to the last good version

```flag {step=flag-off timeout=20s}
submit-v2 off
```

```traffic {step=traffic level=deploy timeout=30s}
last-good
```

```deploy {step=withdraw level=deploy timeout=30s}
last-good
```

```check {step=calm timeout=30s}
submit-errors below 5% for 1s
```

```template {step=tell channel=status-page status=resolved timeout=5s}
{{release.name}} was taken back to {{release.last_good}}.
```
";

fn world() -> World {
    let flags = "    flags: { set: \"echo {state} > {flag}\", get: \"cat {flag}\" }\n".to_owned();
    let world = World::new(|listen, _| Service { more: flags, ..Service::behind_edge(listen) });
    fs::create_dir(world.root().join("runbooks")).unwrap();
    fs::write(world.root().join("runbooks/back.md"), BACK).unwrap();
    fs::write(world.root().join("submit-v2"), "on\n").unwrap();
    world
}

const RUN: [&str; 5] = ["runbook", "run", "runbooks/back.md", "--release", "flow-v2"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_server_its_steps_take_users_back_and_look_at_the_signals() {
    let world = world();
    world.plan(&Plan::new("flow-v2", "v2").lasting(1, "60s"));
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "at 50 %", |status| status.stages[1].baking_since.is_some()).await;
    assert!(share_of(&users.next(200).await, "v2") > 0.3);

    let beside = world.ripcord(&RUN).await.expect(4);
    assert!(beside.contains("a server answers") && beside.contains("ripcord rollback flow-v2"), "{beside}");
    assert_eq!(fs::read_to_string(world.root().join("submit-v2")).unwrap(), "off\n");
    server.kill().await;

    let resumed = ["runbook", "resume", "--again", "traffic", "--reason", "the server is dead"];
    let said = world.ripcord(&resumed).await.expect(0);
    for expected in
        ["traffic done in", "calm done in", "> flow-v2 was taken back to v1.", "was not sent", "Done: back-1"]
    {
        assert!(said.contains(expected), "{expected} is missing:\n{said}");
    }
    let after = users.next(200).await;
    assert_eq!(versions(&after), ["v1"], "traffic has not gone back");
    let seen = users.stop().await;
    assert_eq!((seen.bad, seen.failed), (0, 0), "{seen:?}");
    assert!(world.processes().iter().all(|process| !format!("{:?}", process.role).contains("v2")));
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_or_an_environment_that_is_not_there_is_refused_before_anything_begins() {
    let world = world();
    let missing = world.ripcord(&RUN).await.expect(1);
    assert!(missing.contains("releases/flow-v2.yaml"), "{missing}");
    let run = ["runbook", "run", "runbooks/back.md", "--environment", "moon"];
    let missing = world.ripcord(&run).await.expect(1);
    assert!(missing.contains("moon") && missing.contains("production"), "{missing}");
    let nameless = world.ripcord(&["runbook", "run", "runbooks/back.md"]).await.expect(1);
    assert!(nameless.contains("{{release.name}}") && nameless.contains("--release"), "{nameless}");
    assert_eq!(fs::read_to_string(world.root().join("submit-v2")).unwrap(), "on\n");
    assert!(world.client().releases().await.is_err());
    world.end(&[]).await;
}
