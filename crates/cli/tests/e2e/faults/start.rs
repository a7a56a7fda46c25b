//! Faults that stand in the way before anything moves.

use std::{fs, net::TcpListener};

use ripcord_engine::PhaseName;

use crate::support::{
    files::Plan,
    processes::Role,
    users::versions,
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_port_of_the_edge_blocks_the_gate_by_name() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    let somebody = TcpListener::bind(world.listen).unwrap();
    let shipped = world.ripcord(&["ship", "flow-v2"]).await.expect(1);
    assert!(shipped.contains(&format!("{} is taken by another program", world.listen)), "{shipped}");
    assert_eq!(world.starts("v2"), 0, "the candidate was started although users cannot reach anything");

    // The port is free again: the same command goes on.
    drop(somebody);
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until_phase("flow-v2", PhaseName::Releasing).await;
    let users = world.users();
    assert!(versions(&users.next(100).await).contains(&"v1"));
    world.ripcord(&["rollback", "flow-v2", "--why", "seen enough"]).await.expect(3);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_directory_that_cannot_be_written_is_refused_with_its_path() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    // Under a file nobody can make a directory, not even root.
    fs::write(world.root().join("file"), "").unwrap();
    for command in [&["serve", "--state", "file/state"][..], &["ship", "flow-v2", "--state", "file/state"]] {
        let refused = world.ripcord(command).await.expect(1);
        assert!(refused.contains("file/state"), "{command:?}: {refused}");
        assert!(!refused.contains("panicked"), "{command:?}: {refused}");
    }
    assert_eq!(fs::read(world.root().join("file")).unwrap(), b"");
    world.end(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_one_state_directory_is_refused_and_the_first_goes_on() {
    let world = World::behind_edge();
    let server = world.serve().await;
    let refused = world.ripcord(&["serve"]).await.expect(1);
    assert!(refused.contains("another") || refused.contains("in use"), "{refused}");
    world.client().health().await.unwrap();
    let running: Vec<Role> = world.processes().into_iter().map(|process| process.role).collect();
    assert_eq!(running, [Role::ControlPlane]);
    server.stop().await;
    world.end(&[]).await;
}
