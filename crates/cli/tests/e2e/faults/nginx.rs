//! An nginx that is missing, and one that refuses what the user has written meanwhile.

use std::{fs, net::SocketAddr};

use ripcord_engine::{PhaseName, StageState};

use crate::support::{
    files::{Plan, Service},
    nginx::{Nginx, router},
    processes::Role,
    users::{share_of, versions},
    world::World,
};

fn behind_nginx() -> World {
    World::new(|listen: SocketAddr, _| Service { router: router(listen), ..Service::behind_edge(listen) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_nginx_blocks_the_gate_and_says_what_to_install() {
    let world = behind_nginx();
    let yaml = world.root().join("ripcord.yaml");
    let text = fs::read_to_string(&yaml).unwrap();
    fs::write(&yaml, text.replace("nginx -p nginx", "no-nginx-here -p nginx")).unwrap();
    world.plan(&Plan::new("flow-v2", "v2"));
    let shipped = world.ripcord(&["ship", "flow-v2"]).await.expect(1);
    assert!(shipped.contains("nginx is not installed or not on PATH"), "{shipped}");
    assert_eq!(world.starts("v2"), 0);
    assert!(
        !world.root().join("conf/exams-split.conf").exists(),
        "a split that nothing has accepted lies there"
    );
    world.end(&[Role::Instance("v1".to_owned())]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_that_nginx_refuses_leaves_the_old_split_in_force_and_calls_a_person() {
    let world = behind_nginx();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "4s"));
    let nginx = Nginx::start(world.root(), world.listen).await;
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    let good = fs::read_to_string(nginx.configuration()).unwrap();
    fs::write(nginx.configuration(), format!("{good}\nno_such_directive on;\n")).unwrap();

    // The next share is refused, and so is the way back: a person has to mend the file first.
    let stuck = world.until_phase("flow-v2", PhaseName::Stuck).await;
    assert!(stuck.headline.contains("flow-v2") || stuck.headline.contains("traffic"), "{stuck:#?}");
    let told = world.ripcord(&["status", "flow-v2"]).await.expect(0);
    assert!(told.contains("no_such_directive"), "nginx's own words are missing: {told}");
    let meanwhile = users.next(200).await;
    let share = share_of(&meanwhile, "v2");
    assert!((0.08..0.35).contains(&share), "the split of 20 % is not in force any more: {meanwhile:?}");
    assert_eq!((meanwhile.bad, meanwhile.failed), (0, 0), "{meanwhile:?}");

    fs::write(nginx.configuration(), good).unwrap();
    world.ripcord(&["rollback", "flow-v2", "--why", "the file is mended"]).await.expect(3);
    let after = users.next(100).await;
    assert_eq!((versions(&after), after.bad), (vec!["v1"], 0), "{after:?}");
    drop(users.stop().await);
    world.ripcord(&["audit", "verify"]).await.expect(0);
    server.stop().await;
    nginx.stop().await;
    world.end(&[Role::Instance("v1".to_owned())]).await;
}
