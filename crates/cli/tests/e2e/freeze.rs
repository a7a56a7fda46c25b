//! A freeze window in force: forward is closed, back is open.

use ripcord_engine::{PhaseName, StageState, Waiting, WaitingOn};

use crate::support::{
    files::{Plan, Service},
    users::versions,
    world::{World, edge_and},
};

fn frozen(from: &str, until: &str) -> String {
    format!(
        "    freeze: [{{ from: \"{from}\", until: \"{until}\", zone: Europe/Berlin, reason: exam week }}]\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_freeze_in_force_closes_the_gate_and_says_until_when() {
    let world = World::new(|listen, _| Service {
        more: frozen("2020-01-01 00:00", "2099-12-31 23:00"),
        ..Service::behind_edge(listen)
    });
    world.plan(&Plan::new("flow-v2", "v2"));
    world.bring_up("v1").await;
    let asked = world.ripcord(&["gate", "flow-v2"]).await.expect(1);
    assert!(asked.contains("no-freeze") && asked.contains("exam week"), "{asked}");
    let shipped = world.ripcord(&["ship", "flow-v2"]).await.expect(1);
    assert!(shipped.contains("exam week") && shipped.contains("2099-12-31"), "{shipped}");
    assert_eq!(world.starts("v2"), 0, "the candidate was started in production in spite of the freeze");

    let server = world.serve().await;
    world.ripcord(&["rollback", "flow-v2", "--why", "the way back is open"]).await.expect(3);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_freeze_that_begins_during_a_release_holds_it_and_leaves_the_way_back_open() {
    let world = World::new(|listen, _| {
        // Late enough that the first stage has begun, early enough that it has not ended.
        let soon = ripcord_model::Timestamp::from_jiff(jiff::Timestamp::now())
            .plus(ripcord_model::Duration::from_secs(10));
        let until = soon.plus(ripcord_model::Duration::from_mins(60));
        Service { more: frozen(&String::from(soon), &String::from(until)), ..Service::behind_edge(listen) }
    });
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "30s"));
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    let is_held = |waiting: &Waiting| matches!(waiting.on, WaitingOn::Hold { .. });
    let held = world.until("flow-v2", "held", |status| status.waiting.iter().any(is_held)).await;
    assert!(held.waiting.iter().any(|waiting| waiting.why.contains("exam week")), "{held:#?}");
    assert!(versions(&users.next(100).await).contains(&"v2"), "traffic stays where it is");
    world.ripcord(&["rollback", "flow-v2", "--why", "freeze or not"]).await.expect(3);
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    assert_eq!(versions(&users.next(100).await), ["v1"]);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}
