//! Rehearsals on real processes: the way back of a release, walked in staging, measured, and what it is worth.

use std::{fs, time::Duration};

use ripcord_engine::PhaseName;
use ripcord_model::ReleaseName;

use crate::support::{
    files::{Plan, Service},
    processes::{self, Role},
    world::{World, edge_and},
};

const RUNBOOK: &str = "\
---
runbook: exam-submit
owner: team-exams
trigger: submit-errors above 5% for 5m
budget: 10m
rehearse: { in: staging, every: 14d }
---
# Exam submit errors

## 1. Look
```sh {run step=look budget=30s timeout=60s idempotent}
true
```
```sh {verify step=look timeout=10s every=1s}
true
```
";

fn roles(processes: Vec<processes::Process>) -> Vec<Role> {
    processes.into_iter().map(|process| process.role).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_is_confirmed_with_no_server_and_before_the_release_exists() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    let said = world.ripcord(&["rehearse", "flow-v2"]).await.expect(0);
    assert!(said.contains("Rollback rehearsed: confirmed "), "{said}");
    assert!(said.contains("staging back to baseline."), "{said}");
    assert!(said.contains("in all"), "the table of steps: {said}");
    assert_eq!(roles(world.processes_in_staging()), edge_and("v1"), "staging is what it was");
    assert_eq!(roles(world.processes()), [], "a rehearsal touches no production");
    assert!(!world.state().join("blueprints/flow-v2-rehearsal-1.json").exists(), "no way back in production");

    let again = world.ripcord(&["rehearse", "flow-v2", "--json"]).await.json(0);
    let number = |name: &str| again[name].as_u64().unwrap();
    assert!(number("confirmed_ms") >= 1_000, "recovery alone is seen for a second: {again}");
    assert_eq!(number("confirmed_ms"), number("machine_ms"), "nobody was waited for: {again}");
    assert_eq!(again["within_budget"], true);
    assert_eq!(again["rehearsal"], "flow-v2-rehearsal-2");
    let traffic = &again["result"]["after"]["traffic"]["versions"];
    assert!(traffic["v2"]["count"].as_u64().unwrap() > 5, "staging had users: {again}");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    processes::end_all(world.root()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsal_killed_in_the_middle_is_walked_back_and_never_confirmed() {
    let world = World::new(|listen, _| Service {
        in_staging: "    rehearse: { baseline: 500ms, traffic: 30s, rate: 50 }\n".to_owned(),
        ..Service::behind_edge(listen)
    });
    world.plan(&Plan::new("flow-v2", "v2"));
    let server = world.serve().await;
    let client = world.client();
    let name = ReleaseName::new("flow-v2").unwrap();
    let rehearsal = client.rehearse(&name, None).await.unwrap().release;
    world.until_phase(rehearsal.as_str(), PhaseName::Releasing).await;
    let candidate = Role::Instance("v2".to_owned());
    crate::support::eventually("v2 in staging", || roles(world.processes_in_staging()).contains(&candidate))
        .await;
    let busy = client.rehearse(&name, None).await.unwrap_err();
    assert!(busy.to_string().contains("still under way"), "{busy}");
    server.kill().await;
    let server = world.serve().await;
    let ended = world.until_phase(rehearsal.as_str(), PhaseName::RolledBack).await;
    let result = ended.rehearsal.unwrap().result.unwrap();
    assert_eq!(result.confirmed(), None);
    assert!(result.failed.unwrap().contains("restarted in the middle"));
    assert_eq!(roles(world.processes_in_staging()), edge_and("v1"), "walked back all the same");
    let standing = client.rehearsals(&name).await.unwrap();
    assert!(!standing.standing.is_confirmed(), "{standing:?}");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    server.stop().await;
    processes::end_all(world.root()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staging_that_does_not_return_fails_the_rehearsal_and_the_difference_is_named() {
    let world = World::new(|listen, _| {
        Service {
        in_staging: "    flags: { set: \"echo {state} > flag-{flag}\", get: \"cat flag-{flag} 2>/dev/null || echo off\" }\n    \
                     rehearse: { baseline: 500ms, traffic: 1s, rate: 50 }\n"
            .to_owned(),
        ..Service::behind_edge(listen)
    }
    });
    world.plan(&Plan { recovery: "4s".to_owned(), ..Plan::new("flow-v2", "v2") });
    let server = world.serve().await;
    let name = ReleaseName::new("flow-v2").unwrap();
    let rehearsal = world.client().rehearse(&name, None).await.unwrap().release;
    world.until_phase(rehearsal.as_str(), PhaseName::RollingBack).await;
    // Somebody else starts the withdrawn version again while recovery is being seen.
    world
        .until(rehearsal.as_str(), "withdrawn", |status| {
            status.back.iter().any(|step| step.id == "recovery" && step.started.is_some())
        })
        .await;
    world.meddle_in_staging("v1", "v2").await;
    let ended = world.until_phase(rehearsal.as_str(), PhaseName::RolledBack).await;
    let failed = ended.rehearsal.unwrap().result.unwrap().failed.unwrap();
    assert!(failed.starts_with("staging did not return to its baseline"), "{failed}");
    assert!(failed.contains("v2 did not run, has 1 instance"), "{failed}");
    server.stop().await;
    processes::end_all(world.root()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_measured_time_agrees_with_the_traffics_own_account() {
    // Answers take a second and a half, so the withdrawn version goes on answering for as long after the decision.
    let world = World::new(|listen, _| Service {
        in_staging: "    rehearse: { baseline: 500ms, traffic: 2s, path: /exam, rate: 50 }\n".to_owned(),
        ..Service::behind_edge(listen)
    });
    // Draws that chance does not bunch, so that the last request to v2 is never long before its withdrawal.
    let files = world.root().join("ripcord.yaml");
    let text = fs::read_to_string(&files).unwrap();
    let evenly = text.replacen("drain: 2s }", "drain: 3s, sticky: none }", 1);
    fs::write(&files, evenly).unwrap();
    let launcher = world.root().join("bin/in-staging");
    let slow = fs::read_to_string(&launcher).unwrap().replace("--port", "--fault v2:latency-ms=1500 --port");
    fs::write(&launcher, slow).unwrap();
    world.plan(&Plan::new("flow-v2", "v2"));
    let said = world.ripcord(&["rehearse", "flow-v2", "--json"]).await.json(0);
    let result: ripcord_engine::RehearsalResult = serde_json::from_value(said["result"].clone()).unwrap();
    let decided = result.decided.unwrap();
    let measured = result.bleeding_stopped.unwrap().since(decided).as_secs_f64();
    let traffic = result.after.unwrap().traffic.unwrap();
    let withdrawn = ripcord_model::VersionName::new("v2").unwrap();
    let counted = traffic.versions[&withdrawn].last.since(decided).as_secs_f64();
    let apart = (measured - counted).abs() / measured;
    assert!(measured > 1.0, "nothing was withdrawn slowly: {measured} s");
    assert!(apart <= 0.05, "measured {measured} s, the traffic counted {counted} s");
    processes::end_all(world.root()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_character_of_the_runbook_voids_it_and_rehearsing_again_opens_the_gate() {
    let world = World::behind_edge();
    let runbook = world.root().join("runbooks/exam-submit.md");
    fs::create_dir_all(runbook.parent().unwrap()).unwrap();
    fs::write(&runbook, RUNBOOK).unwrap();
    world.plan(&Plan { runbook: Some("runbooks/exam-submit.md".to_owned()), ..Plan::new("flow-v2", "v2") });
    world.bring_up("v1").await;
    let server = world.serve().await;
    let check = async || {
        let gate = world.ripcord(&["gate", "flow-v2", "--json"]).await;
        let answer: serde_json::Value = serde_json::from_str(&gate.out).unwrap();
        let checks = answer["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["check"] == "rehearsal").expect("the gate asks for it")
    };
    let before = check().await;
    assert_eq!(before["status"], "fail");
    assert!(before["reason"].as_str().unwrap().contains("has not been rehearsed"), "{before}");
    assert_eq!(before["fix"], "`ripcord rehearse flow-v2`");
    let blocked = world.ripcord(&["ship", "flow-v2", "--no-rehearse"]).await.expect(1);
    assert!(blocked.contains("rehearsal"), "{blocked}");

    world.ripcord(&["rehearse", "flow-v2"]).await.expect(0);
    let passes = check().await;
    assert_eq!(passes["status"], "pass", "{passes}");
    assert!(passes["reason"].as_str().unwrap().starts_with("confirmed "), "{passes}");

    fs::write(&runbook, RUNBOOK.replace("Exam submit errors", "Exam submit error!")).unwrap();
    let void = check().await;
    assert_eq!(void["status"], "fail");
    let reason = void["reason"].as_str().unwrap();
    assert!(reason.starts_with("void: runbooks/exam-submit.md changed since "), "{reason}");

    world.ripcord(&["rehearse", "flow-v2"]).await.expect(0);
    assert_eq!(check().await["status"], "pass");
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until_phase("flow-v2", PhaseName::Releasing).await;
    let told = world.ripcord(&["status", "flow-v2"]).await.expect(0);
    assert!(told.contains("confirmed"), "{told}");
    world.ripcord(&["rollback", "flow-v2", "--why", "seen enough"]).await.expect(3);
    server.stop().await;
    tokio::time::timeout(Duration::from_secs(20), processes::end_all(world.root())).await.unwrap();
}
