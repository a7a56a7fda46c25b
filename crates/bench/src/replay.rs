//! A start on a ledger of a million entries: from opening the file to every release being where it was.

use std::time::Instant;

use ripcord_conductor::Conductor;
use ripcord_engine::{Event, Generation, HoldCause};
use ripcord_ledger::Draft;
use ripcord_model::{Actor, Duration, Timestamp, blueprint::Blueprint};
use ripcord_store::{SqliteStore, Store};
use ripcord_testkit::blueprints;

use ripcord_bench::report::Report;

const ENTRIES_PER_RELEASE: u64 = 1_000;

/// Runs it; `quick` for a tenth of the entries, scaled up.
pub fn run(quick: bool) -> Report {
    let entries: u64 = if quick { 100_000 } else { 1_000_000 };
    let folder = tempfile::tempdir().expect("a temporary directory");
    let mut store = SqliteStore::open(folder.path()).expect("a fresh store opens");
    for release in 0..entries / ENTRIES_PER_RELEASE {
        let drafts = facts_of(&blueprints::exams(&format!("release-{release}")));
        store.append(store.len(), drafts).expect("the store takes facts");
    }
    drop(store);
    let started = Instant::now();
    let store = SqliteStore::open(folder.path()).expect("the store opens again");
    let conductor = Conductor::open(store).expect("the ledger replays");
    let seconds = started.elapsed().as_secs_f64();
    let replayed = conductor.store().len();
    assert_eq!(replayed, entries, "every entry was replayed");
    let mut report = Report::new("start: replay of 1,000,000 entries from SQLite");
    report.at_most("until every release is where it was", seconds * 1_000_000.0 / replayed as f64, "s", 10.0);
    report.says("entries replayed", replayed as f64, "entries");
    report.says("releases", conductor.releases().len() as f64, "releases");
    report
}

/// A release that was held and let go again and again: plain facts, all of them decoded and folded in.
fn facts_of(blueprint: &Blueprint) -> Vec<Draft> {
    let at = Timestamp::from_ms(1_790_000_000_000);
    let created = Event::Created {
        hash: blueprint.hash(),
        blueprint: Box::new(blueprint.clone()),
        first_generation: Generation(1),
    };
    let cause = HoldCause::Person { why: "looking at the dashboards".to_owned() };
    let pair = [Event::Held { cause: cause.clone() }, Event::HoldLifted { cause }];
    let events = std::iter::once(created).chain(pair.into_iter().cycle()).take(ENTRIES_PER_RELEASE as usize);
    events
        .enumerate()
        .map(|(position, event)| Draft {
            at: at.plus(Duration::from_ms(position as u64)),
            by: Actor::ripcord(),
            release: Some(blueprint.release.clone()),
            fact: serde_json::value::to_raw_value(&event).expect("an event serialises"),
        })
        .collect()
}
