//! `rollback --offline`: the control plane is dead, its ledger is gone, and half of the users are on the new version.

use std::{fs, path::Path};

use ripcord_engine::PhaseName;

use crate::support::{
    files::{Plan, Service},
    nginx,
    processes::{self, Role},
    users::{share_of, versions},
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_server_and_ledger_all_traffic_goes_back_and_the_record_catches_up() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(1, "60s"));
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "at 50 %", |status| status.stages[1].baking_since.is_some()).await;
    let at_half = share_of(&users.next(200).await, "v2");
    assert!((0.35..0.65).contains(&at_half), "{at_half}");
    server.kill().await;
    let shelf = world.root().join("elsewhere");
    move_ledger(&world.state(), &shelf);

    let back = world.ripcord(&["rollback", "flow-v2", "--offline", "--why", "answers are lost"]).await;
    let said = back.expect(3);
    assert!(said.contains("Rolled back flow-v2") && said.contains("without a server"), "{said}");
    assert_eq!(versions(&users.next(200).await), ["v1"], "traffic has not gone back");
    assert!(!world.state().join("ledger.db").exists(), "the way back must not need, nor make, a ledger");

    move_ledger(&shelf, &world.state());
    let server = world.serve().await;
    let over = world.until_phase("flow-v2", PhaseName::RolledBack).await;
    assert_eq!(over.share.ppm(), 0, "{over:#?}");
    let status = world.ripcord(&["status", "flow-v2", "--json"]).await.json(0);
    assert_eq!(status["phase"], "rolled-back", "{status:#}");
    let entries = world.ripcord(&["audit", "show", "--kind", "offline-rollback", "--json"]).await.json(0);
    assert_eq!(entries.as_array().map(Vec::len), Some(1), "{entries:#}");
    let why = &entries[0]["fact"]["journal"][0]["why"];
    assert_eq!(why, "answers are lost", "{entries:#}");
    assert!(
        !world.state().join("offline/flow-v2.jsonl").exists(),
        "the journal was taken up, and still lies there"
    );
    world.ripcord(&["audit", "verify"]).await.expect(0);

    let seen = users.stop().await;
    assert_eq!((seen.bad, seen.failed), (0, 0), "{seen:?}");
    server.stop().await;
    // A second start must not take the same journal up again.
    let server = world.serve().await;
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    let entries = world.ripcord(&["audit", "show", "--kind", "offline-rollback", "--json"]).await.json(0);
    assert_eq!(entries.as_array().map(Vec::len), Some(1), "{entries:#}");
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_server_that_answers_it_is_refused_and_names_the_command_to_use() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "60s"));
    world.bring_up("v1").await;
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].baking_since.is_some()).await;
    let refused = world.ripcord(&["rollback", "flow-v2", "--offline", "--why", "impatience"]).await.expect(1);
    assert!(
        refused.contains("a server answers") && refused.contains("ripcord rollback flow-v2 --why"),
        "{refused}"
    );
    world.until_phase("flow-v2", PhaseName::Releasing).await;
    world.ripcord(&["rollback", "flow-v2", "--why", "as told"]).await.expect(3);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_last_good_that_has_died_is_started_again_before_traffic_goes_there() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "60s"));
    world.bring_up("v1").await;
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].baking_since.is_some()).await;
    server.kill().await;
    let last_good = Role::Instance("v1".to_owned());
    let victim = world.processes().into_iter().find(|process| process.role == last_good).unwrap();
    processes::signal(victim.pid, rustix::process::Signal::KILL);
    world.ripcord(&["rollback", "flow-v2", "--offline", "--why", "half of it is dead"]).await.expect(3);
    let users = world.users();
    let after = users.next(100).await;
    assert_eq!((versions(&after), after.bad, after.failed), (vec!["v1"], 0, 0), "{after:?}");
    drop(users.stop().await);
    assert_eq!(world.starts("v1"), 2);
    // Once more is harmless.
    world.ripcord(&["rollback", "flow-v2", "--offline", "--why", "once more"]).await.expect(3);
    let server = world.serve().await;
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    world.ripcord(&["audit", "verify"]).await.expect(0);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nginx_it_goes_back_as_well() {
    let world =
        World::new(|listen, _| Service { router: nginx::router(listen), ..Service::behind_edge(listen) });
    world.plan(&Plan::new("flow-v2", "v2").lasting(1, "60s"));
    let nginx = nginx::Nginx::start(world.root(), world.listen).await;
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "at 50 %", |status| status.stages[1].baking_since.is_some()).await;
    server.kill().await;
    move_ledger(&world.state(), &world.root().join("elsewhere"));
    world.ripcord(&["rollback", "flow-v2", "--offline", "--why", "behind nginx"]).await.expect(3);
    let after = users.next(150).await;
    assert_eq!((versions(&after), after.bad, after.failed), (vec!["v1"], 0, 0), "{after:?}");
    drop(users.stop().await);
    move_ledger(&world.root().join("elsewhere"), &world.state());
    let server = world.serve().await;
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    server.stop().await;
    nginx.stop().await;
    world.end(&[Role::Instance("v1".to_owned())]).await;
}

fn move_ledger(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        if from.join(name).exists() {
            fs::rename(from.join(name), to.join(name)).unwrap();
        }
    }
    assert!(to.join("ledger.db").exists());
}
