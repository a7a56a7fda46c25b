//! Versions that are no good: never ready, gone at once, gone in the middle of a stage.

use ripcord_engine::{Cause, PhaseName, StageState, Status};

use crate::support::{
    files::{Plan, Service},
    processes::{self, Role},
    users::versions,
    world::{World, edge_and},
};

/// The exam service whose v2 has a fault.
fn with_fault(fault: &str) -> World {
    let world = World::new(|listen, _| Service {
        arguments: format!("--fault v2:{fault}"),
        ..Service::behind_edge(listen)
    });
    world.plan(&Plan::new("flow-v2", "v2"));
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_never_becomes_ready_goes_back_without_one_answer() {
    let world = with_fault("not-ready=true");
    let yaml = world.root().join("ripcord.yaml");
    let text = std::fs::read_to_string(&yaml).unwrap();
    std::fs::write(&yaml, text.replace("ready_within: 5s", "ready_within: 500ms")).unwrap();
    never_in_force(world, "was not ready within").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_ends_at_once_goes_back_without_one_answer() {
    // No such value: the service says so and ends.
    never_in_force(with_fault("error-rate=many"), "ended with exit status: 2 before it was ready").await;
}

async fn never_in_force(world: World, reason: &str) {
    // The launcher gives every version the fault's arguments; v1 must not stumble over them.
    let launcher = world.root().join("bin/exams");
    let text = std::fs::read_to_string(&launcher).unwrap();
    let (rest, fault) = text.trim_end().rsplit_once(" --fault ").unwrap();
    let text = format!("{rest} $(test \"$1\" = v1 || echo --fault {fault})\n");
    std::fs::write(&launcher, text).unwrap();
    world.bring_up("v1").await;
    let users = world.users();
    let shipped = world.ripcord(&["ship", "flow-v2"]).await.expect(3);
    assert!(shipped.contains(reason), "{shipped}");
    let seen = users.stop().await;
    assert_eq!(versions(&seen), ["v1"], "{seen:?}");
    assert_eq!((seen.bad, seen.failed), (0, 0), "{seen:?}");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_dies_in_the_middle_of_a_stage_is_pulled() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "30s"));
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    assert!(versions(&users.next(100).await).contains(&"v2"));
    let candidate = Role::Instance("v2".to_owned());
    let victim = world.processes().into_iter().find(|process| process.role == candidate).unwrap();
    processes::signal(victim.pid, rustix::process::Signal::KILL);

    let over = world.until_phase("flow-v2", PhaseName::RolledBack).await;
    assert_eq!(over.cause, Some(Cause::CandidateDied), "{over:#?}");
    let after = users.next(100).await;
    assert_eq!((versions(&after), after.bad, after.failed), (vec!["v1"], 0, 0), "{after:?}");
    let seen = users.stop().await;
    // A fifth of 200 requests per second met a dead version until three looks in a row had not seen it.
    assert!(seen.bad_or_failed() < 150, "{seen:?}");
    assert_eq!(world.starts("v2"), 1, "a version that died must not come back by itself");
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_answers_no_submission_never_gets_more_traffic() {
    let world = with_fault("hang-rate=1");
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    let past_its_time = |status: &Status| {
        let first = &status.stages[0];
        first.state == StageState::Baking && first.elapsed_ms > 2 * first.dwell_ms && first.requests > 0
    };
    let held = world.until("flow-v2", "past the end of its stage", past_its_time).await;
    assert_eq!(held.share, "20%".parse().unwrap(), "{held:#?}");
    assert!(
        held.waiting.iter().any(|waiting| waiting.why.contains("has said nothing about v2")),
        "{held:#?}"
    );
    world.ripcord(&["rollback", "flow-v2", "--why", "it answers nobody"]).await.expect(3);
    let after = users.next(200).await;
    assert!(!after.versions.contains_key("v2"), "{after:?}");
    drop(users.stop().await);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}
