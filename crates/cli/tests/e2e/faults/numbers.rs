//! A source of numbers that fails in the middle of a release: blind, held, and back when the deadline has passed.

use ripcord_engine::{Cause, HoldCause, PhaseName, Status, VerdictKind, WaitingOn};

use crate::support::{
    files::{Plan, Service},
    stub::{Mood, Stub},
    users::versions,
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prometheus_that_answers_500_makes_a_release_blind_and_sends_it_back() {
    blinded_by(Mood::Failing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prometheus_that_answers_garbage_makes_a_release_blind_and_sends_it_back() {
    blinded_by(Mood::Garbage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prometheus_that_hangs_makes_a_release_blind_and_sends_it_back() {
    blinded_by(Mood::Silent).await;
}

fn is_held_blind(status: &Status) -> bool {
    let blind = |waiting: &ripcord_engine::Waiting| matches!(&waiting.on, WaitingOn::Hold { cause: HoldCause::Blind { signals } } if signals[0].as_str() == "submit-errors");
    status.waiting.iter().any(blind) && status.signals[0].blind
}

async fn blinded_by(mood: Mood) {
    let stub = Stub::start().await;
    let world = World::new(|listen, _| Service {
        metrics: format!(
            "prometheus: {{ url: \"http://{}\" }}, interval: 300ms, timeout: 500ms",
            stub.address
        ),
        ..Service::behind_edge(listen)
    });
    let plan = Plan::new("flow-v2", "v2").lasting(0, "4s");
    world.plan(&Plan { blind: "after: 2s, deadline: 4s, then: rollback".to_owned(), ..plan });
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "seen by its numbers", |status| status.signals[0].canary.is_some()).await;
    stub.become_(mood);

    let held = world.until("flow-v2", "held because it is blind", is_held_blind).await;
    assert_eq!(held.share, "20%".parse().unwrap(), "it moved on without numbers: {held:#?}");
    let told = world.ripcord(&["status", "flow-v2"]).await.expect(0);
    assert!(told.contains("blind"), "{told}");
    assert!(
        versions(&users.next(60).await).contains(&"v2"),
        "blind is no reason to move before the deadline"
    );

    let over = world.until_phase("flow-v2", PhaseName::RolledBack).await;
    let Some(Cause::Verdict(verdict)) = &over.cause else { panic!("{over:#?}") };
    assert_eq!(verdict.kind, VerdictKind::Blind);
    assert!(verdict.reason.contains("submit-errors"), "{verdict:?}");
    assert!(over.stages[1].baking_since.is_none(), "it entered the next stage without numbers: {over:#?}");
    let after = users.next(100).await;
    assert_eq!(versions(&after), ["v1"], "{after:?}");
    let seen = users.stop().await;
    assert_eq!((seen.bad, seen.failed), (0, 0), "{seen:?}");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prometheus_that_fails_from_the_start_blocks_the_gate() {
    let stub = Stub::start().await;
    stub.become_(Mood::Failing);
    let world = World::new(|listen, _| Service {
        metrics: format!(
            "prometheus: {{ url: \"http://{}\" }}, interval: 300ms, timeout: 500ms",
            stub.address
        ),
        ..Service::behind_edge(listen)
    });
    world.plan(&Plan::new("flow-v2", "v2"));
    world.bring_up("v1").await;
    let asked = world.ripcord(&["ship", "flow-v2"]).await.expect(1);
    assert!(asked.contains("the source of the numbers does not answer"), "{asked}");
    assert_eq!(world.starts("v2"), 0);
    world.end(&edge_and("v1")).await;
}
