//! Runbooks run by hand and the record: a step of level migration waits for somebody else's word, and every run is put on record,
//! once, whether a server was there or not.

use std::fs;

use ripcord_model::paper::{Paper, RunbookResult, RunbookRun};
use ripcord_server::Filter;
use serde_json::Value;

use crate::support::{PATIENCE, answer_within, eventually, files::Plan, world::World};

const DEEP: &str = "\
---
runbook: deep
owner: team-exams
budget: 5m
---
# Undo the attempts

```sh {run step=look timeout=20s idempotent}
true
```
```sh {verify step=look timeout=5s}
true
```

```manual {step=sure timeout=1m type=\"undo\"}
Undo the attempts?
```

```sh {run step=undo level=migration timeout=2m}
echo undone >> undone
```
```sh {verify step=undo timeout=5s}
test -s undone
```
";

const RUN: [&str; 7] =
    ["runbook", "run", "runbooks/deep.md", "--skip", "sure", "--reason", "nobody sits at a terminal here"];

fn world() -> World {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    fs::create_dir(world.root().join("runbooks")).unwrap();
    fs::write(world.root().join("runbooks/deep.md"), DEEP).unwrap();
    world
}

/// Runs on record, oldest first.
async fn runs(world: &World) -> Vec<RunbookRun> {
    let filter = Filter { kind: Some("runbook-run".to_owned()), ..Filter::default() };
    let page = world.client().ledger(&filter).await.unwrap();
    let papers = page.entries.iter().map(|entry| serde_json::from_str(entry.fact.get()).unwrap());
    papers
        .map(|paper: Paper| match paper {
            Paper::RunbookRun(run) => *run,
            other => panic!("{other:?}"),
        })
        .collect()
}

async fn until_runs(world: &World, count: usize) -> Vec<RunbookRun> {
    let found = answer_within(PATIENCE, async || {
        let found = runs(world).await;
        (found.len() >= count).then_some(found)
    });
    found.await.unwrap_or_else(|| panic!("no {count} runs on record\n{}", world.log()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deep_step_needs_somebody_else_and_the_record_knows_every_run_once() {
    let world = world();
    let undone = world.root().join("undone");

    // No server has ever been here: nobody can agree, and nothing of the step begins.
    let alone = world.ripcord(&[&RUN[..], &["--json"]].concat()).await;
    assert_eq!(alone.status, Some(1), "{}{}", alone.out, alone.errors);
    assert!(alone.out.contains("there is no record here"), "{}{}", alone.out, alone.errors);
    assert!(!undone.exists());

    // What was done without a server is caught up.
    let server = world.serve().await;
    let found = until_runs(&world, 1).await;
    assert!(
        matches!(&found[0].result, RunbookResult::NeedsPerson { step, .. } if step == "undo"),
        "{found:#?}"
    );
    let states: Vec<String> =
        found[0].steps.iter().map(|step| format!("{} {:?}", step.step, step.state)).collect();
    assert_eq!(states, ["sure Skipped", "look Done"], "{found:#?}");
    assert_eq!(found[0].steps[0].why.as_deref(), Some("nobody sits at a terminal here"));

    // Beside the server it waits, and goes on when somebody else agrees.
    let mut waiting = world.command(&["runbook", "resume", "deep-1", "--json"]).spawn().unwrap();
    let journal = world.state().join("runbooks/deep-1.jsonl");
    eventually("resumed", || fs::read_to_string(&journal).unwrap().contains("\"resumed\"")).await;
    let me = found[0].by.name.to_string();
    let own = world.ripcord(&["runbook", "approve", "deep-1", "undo", "--as", &me]).await;
    assert_eq!(own.status, Some(1), "{}{}", own.out, own.errors);
    assert!(own.errors.contains("runs the runbook and cannot approve"), "{}", own.errors);
    let other = world.ripcord(&["runbook", "approve", "deep-1", "look", "--as", "lea:approver,data"]).await;
    assert_eq!(other.status, Some(1), "{}{}", other.out, other.errors);
    assert!(!undone.exists());
    world
        .ripcord(&["runbook", "approve", "deep-1", "undo", "--why", "I looked", "--as", "lea:approver,data"])
        .await
        .expect(0);
    let ended = tokio::time::timeout(PATIENCE, waiting.wait()).await.expect("it does not go on").unwrap();
    assert!(ended.success(), "{ended:?}");
    assert_eq!(fs::read_to_string(&undone).unwrap(), "undone\n");

    let found = until_runs(&world, 2).await;
    assert_eq!(found[1].result, RunbookResult::Done, "{found:#?}");
    let undo = found[1].steps.iter().find(|step| step.step == "undo").unwrap();
    assert_eq!(undo.approved_by.as_ref().map(|by| by.name.as_str()), Some("lea"));

    // Started again, the server knows them.
    server.stop().await;
    let server = world.serve().await;
    world.ripcord(&["runbook", "run", "runbooks/deep.md", "--dry-run"]).await.expect(0);
    let shown: Value = world.ripcord(&["audit", "show", "--kind", "runbook-run", "--json"]).await.json(0);
    assert!(shown.to_string().contains("deep-1"), "{shown}");
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    assert_eq!(runs(&world).await.len(), 2, "each journal once");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    server.stop().await;
}
