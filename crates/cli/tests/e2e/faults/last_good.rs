//! A last good that dies while a release is under way: the place the way back leads to.

use ripcord_engine::StageState;

use crate::support::{
    PATIENCE, answer_within,
    files::Plan,
    processes::{self, Role},
    users::versions,
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_last_good_that_dies_in_a_stage_comes_back_and_the_way_back_leads_there() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "60s"));
    world.bring_up("v1").await;
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    let last_good = Role::Instance("v1".to_owned());
    let instance = || world.processes().into_iter().find(|process| process.role == last_good);
    let victim = instance().unwrap();
    processes::signal(victim.pid, rustix::process::Signal::KILL);

    let back = answer_within(PATIENCE, async || instance().filter(|process| process.pid != victim.pid)).await;
    assert!(back.is_some(), "last good is dead and stays dead: {}", world.log());
    world.until("flow-v2", "baking again", |status| status.stages[0].state == StageState::Baking).await;
    let users = world.users();
    let meanwhile = users.next(200).await;
    assert_eq!(versions(&meanwhile), ["v1", "v2"], "{meanwhile:?}");
    assert_eq!((meanwhile.bad, meanwhile.failed), (0, 0), "{meanwhile:?}");
    world.ripcord(&["rollback", "flow-v2", "--why", "enough"]).await.expect(3);
    let after = users.next(100).await;
    assert_eq!((versions(&after), after.bad, after.failed), (vec!["v1"], 0, 0), "{after:?}");
    drop(users.stop().await);
    world.ripcord(&["audit", "verify"]).await.expect(0);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}
