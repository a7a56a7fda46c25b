//! One terminal ships and hosts the loop itself; another goes back through its socket.

use ripcord_engine::PhaseName;

use crate::support::{
    files::Plan,
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
