//! A user's own service behind their own nginx, watched by their own Prometheus.

use std::net::SocketAddr;

use ripcord_engine::{CheckStatus, PhaseName, Status, WaitingOn};
use ripcord_model::ReleaseName;

use crate::support::{
    PATIENCE, answer_within,
    files::{Plan, Service},
    free_port,
    nginx::{Nginx, router},
    processes::Role,
    prometheus::Prometheus,
    users::{share_of, versions},
    world::World,
};

/// A reload of nginx closes idle connections; a request sent at that very moment is lost. Per reload, on 16 connections.
const LOST_PER_RELOAD: u64 = 16;

fn waits_for_a_person(status: &Status) -> bool {
    status.waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Person { .. }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_release_completes_and_a_bad_one_is_pulled() {
    let numbers = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let world = World::new(|listen, _| Service {
        router: router(listen),
        metrics: format!("prometheus: {{ url: \"http://{numbers}\" }}, interval: 500ms, timeout: 2s"),
        arguments: "--label-version --fault v3:error-rate=0.4".to_owned(),
        ..Service::behind_edge(listen)
    });
    world.plan(&Plan::new("flow-v2", "v2"));
    // Its last good is known by itself: v2, completed before.
    world.plan(&Plan { last_good: None, ..Plan::new("flow-v3", "v3").lasting(0, "30s") });
    world.ripcord(&["lint"]).await.expect(0);
    let nginx = Nginx::start(world.root(), world.listen).await;
    let prometheus = Prometheus::start(world.root(), numbers).await;
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;

    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "at half", |status| status.stages[1].baking_since.is_some()).await;
    let half = share_of(&users.next(300).await, "v2");
    assert!((0.35..0.65).contains(&half), "{half}");
    world.until("flow-v2", "waiting for a person", waits_for_a_person).await;
    world.ripcord(&["promote", "flow-v2", "--why", "half is fine"]).await.expect(0);
    world
        .until("flow-v2", "validated", |status| {
            status.phase == PhaseName::Verifying && waits_for_a_person(status)
        })
        .await;
    world.ripcord(&["complete", "flow-v2", "--why", "validated"]).await.expect(0);
    world.until_phase("flow-v2", PhaseName::Complete).await;
    let good = users.next(200).await;
    assert_eq!((versions(&good), good.bad), (vec!["v2"], 0), "{good:?}");

    let shipped = world.ripcord(&["ship", "flow-v3"]).await.expect(3);
    assert!(shipped.contains("submit errors"), "the reason names the signal: {shipped}");
    let after = users.next(200).await;
    assert_eq!((versions(&after), after.bad, after.failed), (vec!["v2"], 0, 0), "{after:?}");
    let seen = users.stop().await;
    assert!(seen.versions["v3"].bad > 0, "{seen:?}");
    assert_eq!((seen.versions["v1"].bad, seen.versions["v2"].bad), (0, 0), "{seen:?}");
    // Stages of both releases, and the way back.
    assert!(seen.failed <= 6 * LOST_PER_RELOAD, "{seen:?}");

    world.ripcord(&["audit", "verify"]).await.expect(0);
    let shown = world.ripcord(&["audit", "show", "--release", "flow-v3"]).await.expect(0);
    assert!(shown.contains("going back") && shown.contains("flow-v3"), "{shown}");
    assert!(!shown.contains("flow-v2"), "{shown}");
    server.stop().await;
    nginx.stop().await;
    prometheus.stop().await;
    world.end(&[Role::Instance("v2".to_owned())]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gate_asks_the_past_of_prometheus_for_room() {
    let numbers = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let world = World::new(|listen, _| Service {
        router: router(listen),
        metrics: format!("prometheus: {{ url: \"http://{numbers}\" }}, interval: 500ms, timeout: 2s"),
        arguments: "--label-version".to_owned(),
        ..Service::behind_edge(listen)
    });
    world.plan(&Plan::new("flow-v2", "v2"));
    let path = world.root().join("ripcord.yaml");
    let service = std::fs::read_to_string(&path).unwrap();
    // Longer than what is watched, so it is asked of what Prometheus has kept.
    let asking = |wanted: &str| {
        std::fs::write(&path, format!("{service}gate: {{ capacity: submit-errors {wanted} for 40s }}\n"))
            .unwrap();
    };
    asking("below 60%");
    let nginx = Nginx::start(world.root(), world.listen).await;
    let prometheus = Prometheus::start(world.root(), numbers).await;
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    let capacity = async || {
        let answer = world.client().gate(&ReleaseName::new("flow-v2").unwrap()).await.unwrap();
        answer.checks.into_iter().find(|check| check.check == "capacity").unwrap()
    };

    let young = capacity().await;
    assert_ne!(young.status, CheckStatus::Fail, "a short past is no lack of room: {young:?}");
    let room = answer_within(2 * PATIENCE, async || {
        Some(capacity().await).filter(|answer| answer.status == CheckStatus::Pass)
    });
    assert!(room.await.is_some(), "{:?}", capacity().await);
    asking("above 60%");
    let tight = capacity().await;
    assert_eq!(tight.status, CheckStatus::Fail, "{tight:?}");
    assert!(tight.reason.contains("submit-errors was") && tight.fix.contains("add capacity"), "{tight:?}");

    users.stop().await;
    server.stop().await;
    nginx.stop().await;
    prometheus.stop().await;
    world.end(&[Role::Instance("v1".to_owned())]).await;
}
