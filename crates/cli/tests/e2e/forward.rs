//! A good release on its way to all traffic, its control plane killed on the way; and back once more from there.

use ripcord_engine::{PhaseName, StageState, Status, WaitingOn};

use crate::support::{
    files::Plan,
    processes::Role,
    users::versions,
    world::{World, edge_and},
};

fn waits_for_a_person(status: &Status) -> bool {
    status.waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Person { .. }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_all_traffic_last_good_is_still_warm_and_one_command_goes_back() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    let early = world.ripcord(&["complete", "flow-v2", "--why", "impatience"]).await.expect(1);
    assert!(early.contains("complete"), "{early}");
    server.kill().await;
    let server = world.serve().await;
    let ready = world.until("flow-v2", "in front of 100 %", waits_for_a_person).await;
    assert_eq!(ready.share, "50%".parse().unwrap(), "all traffic needs a person: {ready:#?}");
    let dwelt = |stage: usize| ready.stages[stage].elapsed_ms >= ready.stages[stage].dwell_ms;
    assert!(dwelt(0) && dwelt(1), "the restart has shortened a stage: {ready:#?}");
    // An agent may ask, not agree.
    let mut agent = world.command(&["promote", "flow-v2", "--why", "looks fine to me"]);
    let agent = agent.env("RIPCORD_ACTOR", "release-bot").output().await.unwrap();
    assert_eq!(agent.status.code(), Some(1), "{agent:?}");
    world.ripcord(&["promote", "flow-v2", "--why", "half is fine"]).await.expect(0);
    world.until_phase("flow-v2", PhaseName::Verifying).await;
    assert_eq!(versions(&users.next(100).await), ["v2"]);

    server.kill().await;
    let server = world.serve().await;
    world.until_phase("flow-v2", PhaseName::Verifying).await;
    let told = world.ripcord(&["rollback", "flow-v2", "--why", "support has three calls"]).await.expect(3);
    assert!(told.contains("support has three calls"), "{told}");
    assert_eq!(versions(&users.next(100).await), ["v1"]);
    let seen = users.stop().await;
    assert_eq!((seen.bad, seen.failed), (0, 0), "{seen:?}");
    assert_eq!((world.starts("v1"), world.starts("v2")), (1, 1), "last good was not kept warm");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_that_is_complete_ends_last_good_and_the_next_one_knows_it() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    world.plan(&Plan { last_good: None, ..Plan::new("flow-v3", "v3") });
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in front of 100 %", waits_for_a_person).await;
    world.ripcord(&["promote", "flow-v2", "--why", "half is fine"]).await.expect(0);
    world
        .until("flow-v2", "validated", |status| {
            status.phase == PhaseName::Verifying && waits_for_a_person(status)
        })
        .await;
    world.ripcord(&["complete", "flow-v2", "--why", "validated"]).await.expect(0);
    world.until_phase("flow-v2", PhaseName::Complete).await;
    server.kill().await;
    let roles: Vec<Role> = world.processes().into_iter().map(|process| process.role).collect();
    assert_eq!(roles, edge_and("v2"), "what a complete release leaves running");

    // Shipped by a terminal of its own: who is last good stands in the record.
    world.ripcord(&["ship", "flow-v3"]).await.expect(3);
    assert_eq!(versions(&users.next(100).await), ["v2"]);
    let seen = users.stop().await;
    assert_eq!((seen.failed, seen.versions["v1"].bad, seen.versions["v2"].bad), (0, 0, 0), "{seen:?}");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    world.end(&edge_and("v2")).await;
}
