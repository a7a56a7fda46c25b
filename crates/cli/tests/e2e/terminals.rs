//! One terminal ships and hosts the loop itself; another goes back through its socket.

use ripcord_engine::{PhaseName, StageState};

use crate::support::{
    files::Plan,
    processes,
    users::versions,
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_shipped_in_one_terminal_is_rolled_back_from_another() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "60s"));
    world.bring_up("v1").await;
    let users = world.users();
    let shipping = world.command(&["ship", "flow-v2"]).spawn().unwrap();
    world.until("flow-v2", "baking at 20 %", |status| status.share == "20%".parse().unwrap()).await;
    assert!(versions(&users.next(100).await).contains(&"v2"));

    let back = world.ripcord(&["rollback", "flow-v2", "--why", "three teachers called"]).await;
    let said = back.expect(3);
    assert!(said.contains("three teachers called"), "{said}");
    let ended = tokio::time::timeout(crate::support::PATIENCE, shipping.wait_with_output()).await;
    let shipped = ended.expect("the shipping terminal ends, too").unwrap();
    assert_eq!(shipped.status.code(), Some(3), "{shipped:?}");
    assert!(world.client().health().await.is_err(), "the loop ends with the command that hosted it");

    assert_eq!(versions(&users.next(100).await), ["v1"]);
    let seen = users.stop().await;
    assert_eq!((seen.bad, seen.failed), (0, 0), "{seen:?}");
    let shown = world.ripcord(&["audit", "show", "--release", "flow-v2"]).await.expect(0);
    assert!(shown.contains("three teachers called"), "{shown}");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    let server = world.serve().await;
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_left_by_control_c_stays_where_it_is_and_says_how_to_go_on() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "60s"));
    world.bring_up("v1").await;
    let users = world.users();
    let shipping = world.command(&["ship", "flow-v2"]).spawn().unwrap();
    world.until("flow-v2", "baking at 20 %", |status| status.stages[0].state == StageState::Baking).await;
    processes::signal(i32::try_from(shipping.id().unwrap()).unwrap(), rustix::process::Signal::INT);
    let ended = tokio::time::timeout(crate::support::PATIENCE, shipping.wait_with_output()).await;
    let left = ended.expect("it ends").unwrap();
    let said = String::from_utf8_lossy(&left.stderr);
    assert_eq!(left.status.code(), Some(1), "{left:?}");
    assert!(said.contains("was left with 20 %") && said.contains("ripcord ship flow-v2"), "{said}");
    assert!(said.contains("ripcord rollback flow-v2 --offline --why"), "what works without a server: {said}");
    assert!(versions(&users.next(100).await).contains(&"v2"), "traffic stays where it is");

    let alone = world.ripcord(&["rollback", "flow-v2", "--why", "nobody is there"]).await.expect(1);
    assert!(alone.contains("--offline"), "what to do without a server is missing: {alone}");
    let shipping = world.command(&["ship", "flow-v2"]).spawn().unwrap();
    world.until("flow-v2", "taken up again", |status| status.phase == PhaseName::Releasing).await;
    world.ripcord(&["rollback", "flow-v2", "--why", "now somebody is"]).await.expect(3);
    assert_eq!(shipping.wait_with_output().await.unwrap().status.code(), Some(3));
    assert_eq!(versions(&users.next(100).await), ["v1"]);
    assert_eq!(users.stop().await.failed, 0);
    world.end(&edge_and("v1")).await;
}
