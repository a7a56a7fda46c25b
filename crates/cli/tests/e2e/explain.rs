//! Why a release went back, computed again from the record of a real one; and a record that was changed says so.

use ripcord_engine::PhaseName;
use rusqlite::Connection;

use crate::support::{
    files::{Plan, Service},
    world::{World, edge_and},
};

const RELEASE: &str = "flow-v3";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verdict_by_evidence_comes_out_again_and_a_changed_count_does_not() {
    let world = World::new(|listen, _| Service {
        rollback: r#""worse than control by 20%""#.to_owned(),
        ..Service::behind_edge(listen)
    });
    world.plan(&Plan::new(RELEASE, "v3").lasting(0, "60s"));
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", RELEASE, "--detach"]).await.expect(0);
    world.until_phase(RELEASE, PhaseName::RolledBack).await;
    users.stop().await;

    // Beside a running server and without one the answer is the same.
    let beside = world.ripcord(&["audit", "explain", RELEASE]).await.expect(0);
    server.stop().await;
    let told = world.ripcord(&["audit", "explain", RELEASE]).await.expect(0);
    assert_eq!(told.lines().take(2).collect::<Vec<_>>(), beside.lines().take(2).collect::<Vec<_>>());
    assert!(
        told.starts_with(&format!("{RELEASE}: 1 verdict computed again, every number is the same")),
        "{told}"
    );
    for words in
        ["worse than control by 20%", "a candidate like last good would have had", "the bar is 1/0.1 %"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    let json = world.ripcord(&["audit", "explain", RELEASE, "--json"]).await.json(0);
    assert_eq!(json["verdicts"][0]["agreement"], "same", "{json}");
    assert_eq!(json["verdicts"][0]["recorded"], json["verdicts"][0]["again"], "{json}");

    // More bad answers here and there, in blocks nobody looks at twice.
    let database = Connection::open(world.state().join("ledger.db")).unwrap();
    let changed = database
        .execute(
            "UPDATE blocks SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"bad\":1', '\"bad\":2') AS BLOB)
             WHERE release = ?1",
            [RELEASE],
        )
        .unwrap();
    assert!(changed > 0);
    drop(database);
    let told = world.ripcord(&["audit", "explain", RELEASE]).await.expect(1);
    assert!(told.starts_with(&format!("{RELEASE}: the record has been changed")), "{told}");
    let unknown = world.ripcord(&["audit", "explain", "flow-v9"]).await.expect(1);
    assert!(unknown.contains("the record knows no release flow-v9; it knows: flow-v3"), "{unknown}");
    world.end(&edge_and("v1")).await;
}
