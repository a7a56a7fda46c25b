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

    // One more bad answer, in a block nobody looks at twice.
    let database = Connection::open(world.state().join("ledger.db")).unwrap();
    count_one_more_bad_answer(&database);
    drop(database);
    let told = world.ripcord(&["audit", "explain", RELEASE]).await.expect(1);
    assert!(told.starts_with(&format!("{RELEASE}: the record has been changed")), "{told}");
    let unknown = world.ripcord(&["audit", "explain", "flow-v9"]).await.expect(1);
    assert!(unknown.contains("the record knows no release flow-v9; it knows: flow-v3"), "{unknown}");
    world.end(&edge_and("v1")).await;
}

/// Adds one to the first count of bad answers that is not zero: how many a block holds differs from run to run.
fn count_one_more_bad_answer(database: &Connection) {
    let mut rows =
        database.prepare("SELECT seq, CAST(bytes AS TEXT) FROM blocks WHERE release = ?1").unwrap();
    let blocks: Vec<(i64, String)> = rows
        .query_map([RELEASE], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let (seq, changed) = blocks
        .iter()
        .find_map(|(seq, text)| Some((*seq, with_one_more(text)?)))
        .expect("a release that went back for its errors has a block with one");
    let rows = database
        .execute(
            "UPDATE blocks SET bytes = CAST(?1 AS BLOB) WHERE release = ?2 AND seq = ?3",
            (changed, RELEASE, seq),
        )
        .unwrap();
    assert_eq!(rows, 1);
}

fn with_one_more(block: &str) -> Option<String> {
    const KEY: &str = "\"bad\":";
    block.match_indices(KEY).find_map(|(at, _)| {
        let digits = at + KEY.len();
        let end = digits + block[digits..].find(|c: char| !c.is_ascii_digit())?;
        let bad: u64 = block[digits..end].parse().ok().filter(|bad| *bad > 0)?;
        Some(format!("{}{}{}", &block[..digits], bad + 1, &block[end..]))
    })
}
