//! An edge that dies in the middle of a release.

use ripcord_engine::{PhaseName, StageState};

use crate::support::{
    PATIENCE, answer_within,
    files::Plan,
    processes::{self, Role},
    users::versions,
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_brings_a_killed_edge_back() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "60s"));
    world.bring_up("v1").await;
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    let edge = || world.processes().into_iter().find(|process| process.role == Role::Edge);
    let killed = edge().unwrap();
    processes::signal(killed.pid, rustix::process::Signal::KILL);

    world.ripcord(&["rollback", "flow-v2", "--why", "nobody gets an answer"]).await.expect(3);
    let back = answer_within(PATIENCE, async || edge().filter(|process| process.pid != killed.pid)).await;
    assert!(back.is_some(), "no edge runs after the way back");
    let users = world.users();
    let after = users.next(100).await;
    assert_eq!((versions(&after), after.bad, after.failed), (vec!["v1"], 0, 0), "{after:?}");
    drop(users.stop().await);
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    server.stop().await;
    world.end(&edge_and("v1")).await;
}
