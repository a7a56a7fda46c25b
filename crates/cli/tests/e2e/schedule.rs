//! A confirmed time is renewed by itself, and what is broken on purpose has to be seen by a signal.

use std::fs;

use ripcord_model::{ActorKind, ReleaseName};

use crate::support::{
    PATIENCE, answer_within,
    files::{Plan, Service},
    processes,
    world::World,
};

const RUNBOOK: &str = "\
---
runbook: exam-submit
owner: team-exams
budget: 10m
rehearse: { in: staging, every: 20s }
---
# Exam submit errors

```flag {step=off budget=10s timeout=20s}
submit-v2 off
```
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmed_time_is_renewed_before_it_expires_and_the_record_says_by_whom() {
    let world = World::behind_edge();
    fs::create_dir(world.root().join("runbooks")).unwrap();
    fs::write(world.root().join("runbooks/exam-submit.md"), RUNBOOK).unwrap();
    let runbook = Some("runbooks/exam-submit.md".to_owned());
    world.plan(&Plan { runbook, ..Plan::new("flow-v2", "v2") });
    let never = world.ripcord(&["plan", "flow-v2"]).await.expect(0);
    assert!(never.contains("confirmed  no: never rehearsed"), "{never}");
    assert!(never.contains("next       ripcord rehearse flow-v2"), "{never}");

    let server = world.serve().await;
    world.ripcord(&["rehearse", "flow-v2"]).await.expect(0);
    let planned = world.ripcord(&["plan", "flow-v2"]).await.expect(0);
    assert!(planned.contains(" by ") && planned.contains(", counts until "), "{planned}");
    let (client, name) = (world.client(), ReleaseName::new("flow-v2").unwrap());
    let renewed = answer_within(PATIENCE, async || {
        let found = client.rehearsals(&name).await.ok()?;
        found.rehearsals.get(1).map(|record| record.result.clone())
    })
    .await;
    let renewed = renewed.unwrap_or_else(|| panic!("nobody rehearsed again\n{}", world.log()));
    assert_eq!(renewed.by.kind, ActorKind::Ripcord);
    assert_eq!(renewed.failed, None, "{renewed:#?}");
    let created = world.ripcord(&["audit", "show", "--kind", "created", "--json"]).await.json(0);
    assert!(created.to_string().contains("ripcord"), "{created}");
    server.stop().await;
    processes::end_all(world.root()).await;
}

/// Staging's users submit, which is what the signal counts; the fault is a switch of the service's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_broken_on_purpose_is_seen_by_a_signal_and_taken_back() {
    let post = r#"POST /submit {"answers":{"q1":"42"}}"#;
    let in_staging =
        format!("    rehearse: {{ baseline: 500ms, traffic: 60s, rate: 50, path: ['{post}'] }}\n");
    let world = World::new(|listen, _| Service { in_staging, ..Service::behind_edge(listen) });
    world.plan(&Plan::new("flow-v2", "v2"));
    let fault = r#"curl -sf -X PUT http://{address}/faults -d '{"error-rate":0.9}'"#;
    let said = world.ripcord(&["rehearse", "flow-v2", "--fault", fault, "--json"]).await.json(0);
    assert_eq!(said["result"].get("failed"), None, "{said}");
    let unproven = said["result"]["unproven"].to_string();
    assert!(!unproven.contains("no signal showed the fault"), "{said}");
    let decided = world.ripcord(&["audit", "show", "--kind", "rollback-decided", "--json"]).await.json(0);
    assert!(decided.to_string().contains("fault-seen"), "{decided}");
    processes::end_all(world.root()).await;
}
