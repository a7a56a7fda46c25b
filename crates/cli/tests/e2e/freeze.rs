//! A freeze window in force: forward is closed, back is open.

use ripcord_engine::{PhaseName, StageState, Waiting, WaitingOn};

use crate::support::{
    files::{Plan, Service},
    users::versions,
    world::{World, edge_and},
};

fn frozen(from: &str, until: &str) -> String {
    format!(
        "    freeze: [{{ from: \"{from}\", until: \"{until}\", zone: Europe/Berlin, reason: exam week }}]\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_freeze_in_force_closes_the_gate_and_says_until_when() {
    let world = World::new(|listen, _| Service {
        more: frozen("2020-01-01 00:00", "2099-12-31 23:00"),
        ..Service::behind_edge(listen)
    });
    world.plan(&Plan::new("flow-v2", "v2"));
    world.bring_up("v1").await;
    let asked = world.ripcord(&["gate", "flow-v2"]).await.expect(1);
    assert!(asked.contains("no-freeze") && asked.contains("exam week"), "{asked}");
    let shipped = world.ripcord(&["ship", "flow-v2"]).await.expect(1);
    assert!(shipped.contains("exam week") && shipped.contains("2099-12-31"), "{shipped}");
    assert_eq!(world.starts("v2"), 0, "the candidate was started in production in spite of the freeze");

    let server = world.serve().await;
    world.ripcord(&["rollback", "flow-v2", "--why", "the way back is open"]).await.expect(3);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_freeze_that_begins_during_a_release_holds_it_and_leaves_the_way_back_open() {
    let world = World::new(|listen, _| {
        // Late enough that the first stage has begun, early enough that it has not ended.
        let soon = ripcord_model::Timestamp::from_jiff(jiff::Timestamp::now())
            .plus(ripcord_model::Duration::from_secs(10));
        let until = soon.plus(ripcord_model::Duration::from_mins(60));
        Service { more: frozen(&String::from(soon), &String::from(until)), ..Service::behind_edge(listen) }
    });
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "30s"));
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    let is_held = |waiting: &Waiting| matches!(waiting.on, WaitingOn::Hold { .. });
    let held = world.until("flow-v2", "held", |status| status.waiting.iter().any(is_held)).await;
    assert!(held.waiting.iter().any(|waiting| waiting.why.contains("exam week")), "{held:#?}");
    assert!(versions(&users.next(100).await).contains(&"v2"), "traffic stays where it is");
    world.ripcord(&["rollback", "flow-v2", "--why", "freeze or not"]).await.expect(3);
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    assert_eq!(versions(&users.next(100).await), ["v1"]);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hotfix_is_excepted_by_who_may_for_a_while_and_the_way_back_stays_open() {
    let world = World::new(|listen, _| Service {
        more: frozen("2020-01-01 00:00", "2099-12-31 23:00"),
        ..Service::behind_edge(listen)
    });
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "120s"));
    world.rewrite("on_call: ran\n", "on_call: ran\napprovers: [lea]\n");
    world.bring_up("v1").await;
    let server = world.serve().await;
    let except = ["approve", "flow-v2", "--despite-freeze", "answers are lost", "--expires", "20s"];
    let by = async |who: &str| world.ripcord(&[&["--as", who], &except[..]].concat()).await;
    let no_hotfix = by("lea:approver").await.expect(1);
    assert!(no_hotfix.contains("does not say that it is a hotfix"), "{no_hotfix}");
    world.rewrite("on_call: ran\n", "on_call: ran\nhotfix: answers are lost\n");
    let frozen = world.says("no-freeze").await;
    let fix = "or ripcord approve flow-v2 --despite-freeze \"…\" --expires 4h, by lea";
    assert!(frozen["fix"].as_str().unwrap().contains(fix), "{frozen}");
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    world.until("flow-v2", "closed at the gate", |status| !status.gate.is_empty()).await;
    for (who, why) in [
        ("maya:approver", "owns the release"),
        ("tom:approver", "lea"),
        ("ran:operator", "is not named as an approver of the release"),
        ("lea:operator", "the policy does not allow it"),
    ] {
        let refused = by(who).await.expect(1);
        assert!(refused.contains(why), "{who}: {refused}");
    }
    assert_eq!(world.starts("v2"), 0);

    let granted = by("lea:approver").await.expect(0);
    assert!(granted.contains("excepted from freezes until"), "{granted}");
    let out = world.until_phase("flow-v2", PhaseName::Releasing).await;
    assert!(out.despite_freeze.is_some(), "{out:#?}");
    let no_freeze = out.gate.iter().find(|check| check.check == "no-freeze").unwrap();
    assert!(no_freeze.status.opens() && no_freeze.reason.contains("lea excepts it until"), "{no_freeze:?}");
    let is_held = |waiting: &Waiting| matches!(waiting.on, WaitingOn::Hold { .. });
    let held = world.until("flow-v2", "held again", |status| status.waiting.iter().any(is_held)).await;
    assert!(held.despite_freeze.is_none() && held.phase == PhaseName::Releasing, "{held:#?}");
    world.ripcord(&["rollback", "flow-v2", "--why", "no freeze holds this"]).await.expect(3);
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_calendar_says_what_comes_with_the_clocks_of_its_zone() {
    let world = World::new(|listen, _| Service {
        more: frozen("2020-01-01 00:00", "2099-12-31 23:00"),
        ..Service::behind_edge(listen)
    });
    world.add(
        "ripcord.yaml",
        "freeze: [{ from: \"0 16 * * FRI\", until: \"0 8 * * MON\", zone: Europe/Berlin, reason: weekend }]\n",
    );
    let said = world.ripcord(&["freeze", "list"]).await.expect(0);
    assert!(said.contains("production of exams is frozen until") && said.contains("(exam week)"), "{said}");
    assert!(said.contains("freeze of staging: weekend") && said.contains("Europe/Berlin"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let json = ["freeze", "list", "--environment", "production", "--until", "15d", "--json"];
    let json = world.ripcord(&json).await.json(0);
    let entries = json["entries"].as_array().unwrap();
    let weekends = entries.iter().filter(|entry| entry["reason"] == "weekend").count();
    assert!(
        (2..=3).contains(&weekends) && entries.iter().all(|entry| entry["environment"] == "production"),
        "{json}"
    );
    world.ripcord(&["freeze", "list", "--until", "2020-01-01"]).await.expect(2);
    world.ripcord(&["freeze", "list", "--environment", "moon"]).await.expect(1);
}
