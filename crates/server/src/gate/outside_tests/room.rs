//! Room for the release: the scripted source says 1 of 90.

use ripcord_model::blueprint::{Capacity, Rule};

use super::*;
use crate::gate::capacity::Headroom;

fn asking(world: &mut World, rule: &str) {
    let Rule::Threshold(condition) = rule.parse().unwrap() else { panic!("{rule}") };
    world.blueprint.checks.capacity = Some(Capacity { signal: "errors".parse().unwrap(), condition });
}

#[tokio::test(start_paused = true)]
async fn what_is_watched_must_hold_all_the_time() {
    let mut world = World::new();
    assert!(!Headroom.applies(&world.blueprint));
    asking(&mut world, "below 5% for 10s");
    let answer = world.ask(Headroom).await;
    assert_eq!(answer.status, CheckStatus::Pass, "{answer:?}");
    assert_eq!(answer.reason, "errors was 0.0111 at worst on v1, below 5% for 10s");
    let readings = world.script.memory().log.iter().filter(|place| *place == "metrics.read").count();
    assert!(readings >= 100, "10 s of 100 ms were watched with {readings} readings");
    asking(&mut world, "above 2% for 10s");
    let answer = world.ask(Headroom).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert_eq!(answer.reason, "errors was 0.0111 on v1, and has to be above 2% for 10s");
}

#[tokio::test(start_paused = true)]
async fn no_data_is_no_room() {
    let mut world = World::new();
    asking(&mut world, "below 5% for 10s");
    world.script.memory().silent = true;
    let answer = world.ask(Headroom).await;
    assert_eq!(answer.status, CheckStatus::Unknown, "{answer:?}");
    assert!(answer.reason.starts_with("no data on errors"), "{answer:?}");
    for fault in [Fault::Permanent, Fault::Hang, Fault::Panic] {
        world.script.memory().faults.insert("metrics.read", fault.clone());
        assert_eq!(world.ask(Headroom).await.status, CheckStatus::Unknown, "{fault:?}");
    }
    world.blueprint.last_good = None;
    assert_eq!(world.ask(Headroom).await.status, CheckStatus::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_longer_time_is_asked_of_the_past() {
    let mut world = World::new();
    asking(&mut world, "below 5% for 5m");
    let answer = world.ask(Headroom).await;
    assert_eq!(answer.status, CheckStatus::Unknown, "{answer:?}");
    assert!(answer.reason.contains("keeps no past"), "{answer:?}");
    world.script.memory().past = Some(vec![Some(0.04)]);
    let answer = world.ask(Headroom).await;
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (CheckStatus::Pass, "errors was 0.04 at worst on v1, below 5% for 5m")
    );
    world.script.memory().past = Some(vec![Some(0.06)]);
    assert_eq!(world.ask(Headroom).await.status, CheckStatus::Fail);
    world.script.memory().past = Some(vec![None]);
    let answer = world.ask(Headroom).await;
    assert_eq!(answer.status, CheckStatus::Unknown, "{answer:?}");
    for fault in [Fault::Permanent, Fault::Hang, Fault::Panic] {
        world.script.memory().faults.insert("metrics.past", fault.clone());
        assert_eq!(world.ask(Headroom).await.status, CheckStatus::Unknown, "{fault:?}");
    }
}
