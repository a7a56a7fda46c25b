//! A disk that is full: nothing is half-written, a running release holds and says why, and goes on when there is room.
//!
//! A limit on the size of files stands for the disk: it can be set on a running process, and lifted again.

use std::fs;

use ripcord_engine::{PhaseName, StageState, WaitingOn};
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::support::{
    files::Plan,
    server::Server,
    users::versions,
    world::{World, edge_and},
};

fn limit(server: &Server, bytes: Option<u64>) {
    let pid = Pid::from_raw(server.pid()).unwrap();
    let limit = Rlimit { current: bytes, maximum: None };
    prlimit(Some(pid), Resource::Fsize, limit).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_holds_a_release_that_says_why_and_goes_on_when_there_is_room() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "2s"));
    world.bring_up("v1").await;
    let users = world.users();
    let server = Server::start_deaf_to_limits(world.root()).await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    // Whatever is written from now on would make a file longer than this.
    limit(&server, Some(1));

    let held = world.until("flow-v2", "waiting for the record", |status| {
        status.waiting.iter().any(|waiting| waiting.on == WaitingOn::Record)
    });
    let held = held.await;
    assert!(held.waiting[0].until.contains("--offline"), "{held:#?}");
    let entries = world.client().info().await.unwrap().entries;
    let refused = world.ripcord(&["hold", "flow-v2", "--why", "let us see"]).await.expect(1);
    assert!(!refused.contains("panicked"), "{refused}");
    // Longer than the stage would have lasted.
    users.next(700).await;
    let still = world.until_phase("flow-v2", PhaseName::Releasing).await;
    assert_eq!(
        still.share,
        "20%".parse().unwrap(),
        "it moved on although nothing can be recorded: {still:#?}"
    );
    let info = world.client().info().await.unwrap();
    assert!(info.trouble.is_some(), "{info:?}");
    assert_eq!(info.entries, entries);
    world.ripcord(&["audit", "verify"]).await.expect(0);

    limit(&server, None);
    world.until("flow-v2", "at 50 %", |status| status.stages[1].state == StageState::Baking).await;
    world.ripcord(&["rollback", "flow-v2", "--why", "seen enough"]).await.expect(3);
    assert_eq!(versions(&users.next(100).await), ["v1"]);
    let seen = users.stop().await;
    assert_eq!((seen.bad, seen.failed), (0, 0), "{seen:?}");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    let log = fs::read_to_string(world.root().join("serve.log")).unwrap();
    assert!(!log.contains("panicked"), "{log}");
    server.stop().await;
    world.end(&edge_and("v1")).await;
}
