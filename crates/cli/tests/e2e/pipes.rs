//! Whoever reads the output may leave at any time. What is under way must not care.

use std::process::Stdio;

use ripcord_engine::StageState;
use tokio::process::{Child, Command};

use crate::support::{
    PATIENCE,
    files::Plan,
    users::versions,
    world::{World, edge_and},
};

/// Starts a command whose standard output and error nobody reads any more.
fn unheard(mut command: Command) -> Child {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    child
}

async fn exit_status(child: &mut Child) -> Option<i32> {
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
    ended.expect("the command ends").unwrap().code()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_whose_terminal_has_closed_still_goes_back() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v3", "v3"));
    world.bring_up("v1").await;
    let users = world.users();
    let mut shipping = unheard(world.command(&["ship", "flow-v3"]));
    assert_eq!(exit_status(&mut shipping).await, Some(3), "3 says that it was rolled back");
    assert_eq!(versions(&users.next(100).await), ["v1"]);
    let seen = users.stop().await;
    assert!(seen.versions["v3"].bad > 0, "{seen:?}");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_without_a_server_needs_no_reader() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "60s"));
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    server.kill().await;
    let mut back = unheard(world.command(&["rollback", "flow-v2", "--offline", "--why", "piped into head"]));
    assert_eq!(exit_status(&mut back).await, Some(3));
    let after = users.next(100).await;
    assert_eq!((versions(&after), after.failed), (vec!["v1"], 0), "{after:?}");
    drop(users.stop().await);
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_reads_are_no_fault() {
    let world = World::behind_edge();
    for command in
        [&["completions", "bash"][..], &["explain"], &["lint"], &["--help"], &["status"], &["nonsense"]]
    {
        let mut child = unheard(world.command(command));
        let status = exit_status(&mut child).await;
        assert!(matches!(status, Some(0..=2)), "ripcord {command:?} with nobody listening: {status:?}");
    }
    world.end(&[]).await;
}
