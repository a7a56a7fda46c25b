//! Flags: off before the release, and no key used twice.

use ripcord_engine::{Event, Generation};
use ripcord_ledger::Draft;
use ripcord_model::{Actor, ReleaseName};
use ripcord_store::{SqliteStore, Store as _};

use super::*;
use crate::gate::flags_off::{FlagsOff, keys::FlagKeys};

#[tokio::test(start_paused = true)]
async fn a_flag_that_is_on_before_the_release_blocks_when_asked() {
    let mut world = World::new();
    assert!(!FlagsOff.applies(&world.blueprint));
    world.blueprint.checks.flags_off = true;
    let answer = world.ask(FlagsOff).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert_eq!(answer.reason, "flag submit is on in production before the release");
    world.script.memory().flags.insert("submit".to_owned(), false);
    let answer = world.ask(FlagsOff).await;
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (CheckStatus::Pass, "flag submit is off in production")
    );
    for fault in [Fault::Permanent, Fault::Transient(1), Fault::Hang, Fault::Panic] {
        world.script.memory().faults.insert("flags.get", fault.clone());
        let answer = world.ask(FlagsOff).await;
        assert_eq!(answer.status, CheckStatus::Unknown, "{fault:?} {answer:?}");
    }
    world.blueprint.production.flags = None;
    assert_eq!(world.ask(FlagsOff).await.status, CheckStatus::Unknown);
    world.blueprint.changes[0].flag = None;
    assert_eq!(world.ask(FlagsOff).await.status, CheckStatus::Pass);
    assert!(!FlagKeys.applies(&world.blueprint));
}

/// Puts a release on record; complete when it says so.
fn record(world: &World, name: &str, completed: bool, edit: impl FnOnce(&mut Blueprint)) {
    let mut blueprint = world.blueprint.clone();
    let release: ReleaseName = name.parse().unwrap();
    blueprint.release = release.clone();
    edit(&mut blueprint);
    let created = Event::Created {
        hash: blueprint.hash(),
        blueprint: Box::new(blueprint),
        first_generation: Generation(1),
    };
    let ended = if completed {
        Event::Completed { why: "good".to_owned() }
    } else {
        Event::Cancelled { why: "no".to_owned() }
    };
    let draft = |event: &Event| Draft {
        at: Timestamp::from_ms(0),
        by: Actor::ripcord(),
        release: Some(release.clone()),
        fact: serde_json::value::to_raw_value(event).unwrap(),
    };
    let state = world.root().join(".ripcord");
    std::fs::create_dir_all(&state).unwrap();
    let mut store = SqliteStore::open(&state).unwrap();
    let len = store.len();
    store.append(len, vec![draft(&created), draft(&ended)]).unwrap();
}

#[tokio::test]
async fn a_flag_of_an_earlier_change_is_not_used_again() {
    let world = World::new();
    let unused = "flag submit was used by no earlier release for another change";
    let answer = world.ask(FlagKeys).await;
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (CheckStatus::Pass, unused),
        "there is no ledger yet"
    );

    record(&world, "same-change", true, |_| {});
    record(&world, "given-up", false, |blueprint| blueprint.changes[0].id = "power-peg".to_owned());
    record(&world, "other-flag", true, |blueprint| blueprint.changes[0].flag = Some("other".to_owned()));
    record(&world, "other-service", true, |blueprint| {
        blueprint.service = "mail".parse().unwrap();
        blueprint.changes[0].id = "power-peg".to_owned();
    });
    assert_eq!(world.ask(FlagKeys).await.reason, unused);

    record(&world, "knight", true, |blueprint| blueprint.changes[0].id = "power-peg".to_owned());
    let answer = world.ask(FlagKeys).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert_eq!(answer.reason, "flag submit was used before: by knight, for its change power-peg");
    assert!(answer.fix.contains("a flag of its own"), "{answer:?}");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_unknown() {
    let world = World::new();
    record(&world, "knight", true, |_| {});
    std::fs::write(world.root().join(".ripcord/ledger.db"), "hunter2 ".repeat(1_000)).unwrap();
    let answer = world.ask(FlagKeys).await;
    assert_eq!(answer.status, CheckStatus::Unknown, "{answer:?}");
    assert!(answer.reason.contains("nobody could say which flags were used before"), "{answer:?}");
}
