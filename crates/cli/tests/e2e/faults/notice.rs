//! Messengers that hang or are gone: nobody is told, and the way back does not wait for that.

use std::time::Duration;

use ripcord_engine::StageState;

use crate::support::{
    files::{Plan, Service},
    free_port,
    stub::{Mood, Stub},
    users::versions,
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_messenger_that_hangs_and_one_that_is_gone_do_not_delay_the_way_back() {
    let hanging = Stub::start().await;
    hanging.become_(Mood::Silent);
    let world = World::new(|listen, _| Service {
        more: format!(
            "    notify:\n      - webhook: http://{}/hook\n      - slack: http://127.0.0.1:{}/hook\n",
            hanging.address,
            free_port()
        ),
        ..Service::behind_edge(listen)
    });
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "60s"));
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    let back = tokio::time::timeout(
        Duration::from_secs(8),
        world.ripcord(&["rollback", "flow-v2", "--why", "nobody hears it"]),
    );
    back.await.expect("the way back waited for a messenger").expect(3);
    assert_eq!(versions(&users.next(100).await), ["v1"]);
    drop(users.stop().await);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}
