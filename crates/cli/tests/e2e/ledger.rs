//! The ledger of a real release: any byte of any entry that is changed is found, and the entry is named.

use std::path::Path;

use ripcord_engine::PhaseName;
use rusqlite::Connection;

use crate::support::{
    files::Plan,
    world::{World, edge_and},
};

/// How many bytes of each entry are changed, one after the other.
const PLACES: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_byte_of_any_entry_is_found_and_the_entry_named() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "60s"));
    world.bring_up("v1").await;
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].baking_since.is_some()).await;
    world.ripcord(&["rollback", "flow-v2", "--why", "for the record"]).await.expect(3);
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    server.stop().await;
    world.ripcord(&["audit", "verify"]).await.expect(0);

    let database = world.state().join("ledger.db");
    let entries = entries(&database);
    assert!(entries.len() > 15, "a whole release has more than {} entries", entries.len());
    for (position, bytes) in &entries {
        for (number, place) in places(bytes.len(), *position).into_iter().enumerate() {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << (place % 8);
            write(&database, *position, &changed);
            let what = format!("byte {place} of {} in entry {position}", bytes.len());
            if number == 0 {
                let said = world.ripcord(&["audit", "verify"]).await.expect(1);
                assert!(
                    said.contains(&format!("Not verified: entry {position} is not what was signed")),
                    "{what}: {said}"
                );
            } else {
                let told = world.ripcord(&["audit", "verify", "--json"]).await.json(1);
                assert_eq!(
                    (&told["verified"], &told["position"]),
                    (&false.into(), &(*position).into()),
                    "{what}: {told}"
                );
            }
        }
        write(&database, *position, bytes);
    }
    world.ripcord(&["audit", "verify"]).await.expect(0);
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_is_missing_or_doubled_is_found() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.ripcord(&["cancel", "flow-v2", "--why", "not today"]).await.expect(0);
    world.until_phase("flow-v2", PhaseName::Cancelled).await;
    server.stop().await;
    let database = world.state().join("ledger.db");
    let entries = entries(&database);
    let last = entries.last().unwrap().0;
    for change in [
        "DELETE FROM entries WHERE position = (SELECT max(position) FROM entries)",
        "DELETE FROM entries WHERE position = 1",
        "INSERT INTO entries SELECT position + 1, leaf_hash, release, kind, by_name, at_ms, bytes FROM entries \
         WHERE position = (SELECT max(position) FROM entries)",
    ] {
        let copy = world.root().join("copy");
        std::fs::create_dir_all(&copy).unwrap();
        for name in ["ledger.db", "key"] {
            std::fs::copy(world.state().join(name), copy.join(name)).unwrap();
        }
        assert_eq!(Connection::open(copy.join("ledger.db")).unwrap().execute(change, []).unwrap(), 1);
        let told = world.ripcord(&["audit", "verify", "--state", "copy"]).await;
        assert_eq!(told.status, Some(1), "of {last} entries, after `{change}`: {told:?}");
    }
    world.ripcord(&["audit", "verify"]).await.expect(0);
    let left: Vec<_> = world.processes().into_iter().map(|process| process.role).collect();
    world.end(&left).await;
}

fn entries(database: &Path) -> Vec<(i64, Vec<u8>)> {
    let connection = Connection::open(database).unwrap();
    let mut statement = connection.prepare("SELECT position, bytes FROM entries ORDER BY position").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn write(database: &Path, position: i64, bytes: &[u8]) {
    let connection = Connection::open(database).unwrap();
    let changed = connection.execute("UPDATE entries SET bytes = ?2 WHERE position = ?1", (position, bytes));
    assert_eq!(changed.unwrap(), 1);
}

/// The first byte, the last, and others that differ from entry to entry.
fn places(length: usize, position: i64) -> Vec<usize> {
    let mut places = vec![if position % 2 == 0 { 0 } else { length - 1 }];
    for number in 1..PLACES {
        let spread = position.unsigned_abs() as usize * 7_919 + number * 104_729;
        places.push(spread % length);
    }
    places
}
