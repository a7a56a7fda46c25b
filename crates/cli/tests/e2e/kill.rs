//! `kill -9` of the control plane at several moments of a bad release: users do not notice, nothing is started
//! twice, and after a restart the release ends where it would have ended.

use std::time::Duration;

use ripcord_engine::{BackStepState, PhaseName, StageState, Status};

use crate::support::{
    files::Plan,
    processes::{Process, Role},
    users::{Users, share_of, versions},
    world::{World, edge_and},
};

const RELEASE: &str = "flow-v3";

fn in_front_of_the_gate(status: &Status) -> bool {
    status.phase == PhaseName::Gating
}

fn in_the_first_stage(status: &Status) -> bool {
    status.stages[0].state == StageState::Baking
}

fn decided_to_go_back(status: &Status) -> bool {
    status.phase == PhaseName::RollingBack
}

fn recovering(status: &Status) -> bool {
    status.back.last().is_some_and(|step| step.id == "recovery" && step.state == BackStepState::Running)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_front_of_the_gate() {
    killed(in_front_of_the_gate).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_first_stage() {
    killed(in_the_first_stage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_right_after_the_decision_to_go_back() {
    killed(decided_to_go_back).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_recovery_is_verified() {
    killed(recovering).await;
}

/// Kills the control plane at `moment` of a bad release, looks at what users see, and starts it again.
async fn killed(moment: impl Fn(&Status) -> bool) {
    let world = World::behind_edge();
    world.plan(&Plan { recovery: "2s".to_owned(), ..Plan::new(RELEASE, "v3") });
    world.bring_up("v1").await;
    let users = world.users();
    let edge: Vec<Process> = serving(&world, |role| *role == Role::Edge);
    let server = world.serve().await;
    world.ripcord(&["ship", RELEASE, "--detach"]).await.expect(0);
    let at = world.until(RELEASE, "at the moment to be killed", moment).await;
    server.kill().await;
    let left_alone = serving(&world, |_| true);
    let died_with = world.ripcord(&["status", RELEASE]).await;
    assert!(died_with.expect(0).contains("No server is running"));

    while_it_is_dead(&users, &at).await;
    assert_eq!(serving(&world, |_| true), left_alone, "processes changed although no control plane ran");

    let server = world.serve().await;
    let over = world.until_phase(RELEASE, PhaseName::RolledBack).await;
    assert!(over.cause.is_some() && over.clock.all_clear.is_some(), "{over:#?}");
    let after = users.next(150).await;
    assert_eq!(versions(&after), ["v1"], "{after:?}");
    assert_eq!((after.bad, after.failed), (0, 0), "{after:?}");
    let seen = users.stop().await;
    assert_eq!(seen.failed, 0, "{seen:?}");
    assert!(
        seen.versions["v3"].bad > 0,
        "the bad version never hurt anybody, so nothing was shown: {seen:?}"
    );
    assert_eq!(seen.versions["v1"].bad, 0, "{seen:?}");
    assert_eq!(versions(&seen), ["v1", "v3"], "somebody else answered: {seen:?}");

    assert_eq!((world.starts("v1"), world.starts("v3")), (1, 1), "a version was started twice");
    assert_eq!(serving(&world, |role| *role == Role::Edge), edge, "the edge is another one now");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    server.stop().await;
    world.ripcord(&["audit", "verify"]).await.expect(0);
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v3"));
    world.bring_up("v1").await;
    let users = world.users();
    let mut server = world.serve().await;
    world.ripcord(&["ship", RELEASE, "--detach"]).await.expect(0);
    // Not a condition to wait for: the point is that any instant will do.
    for pause_ms in [30, 450, 80, 700, 1_100, 10, 900, 300] {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        server.kill().await;
        server = world.serve().await;
    }
    world.until_phase(RELEASE, PhaseName::RolledBack).await;
    assert_eq!(versions(&users.next(150).await), ["v1"]);
    let seen = users.stop().await;
    assert_eq!((seen.failed, seen.versions["v1"].bad), (0, 0), "{seen:?}");
    assert!(seen.versions["v3"].bad > 0, "{seen:?}");
    assert_eq!((world.starts("v1"), world.starts("v3")), (1, 1), "a version was started twice");
    server.stop().await;
    world.ripcord(&["audit", "verify"]).await.expect(0);
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_ships_is_killed_and_the_same_command_goes_on() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v3"));
    world.bring_up("v1").await;
    let users = world.users();
    let mut terminal = world.command(&["ship", RELEASE]).spawn().unwrap();
    world.until(RELEASE, "in its first stage", in_the_first_stage).await;
    terminal.start_kill().unwrap();
    terminal.wait().await.unwrap();
    assert!(versions(&users.next(100).await).contains(&"v3"), "traffic stays where it is");
    let told = world.ripcord(&["ship", RELEASE]).await.expect(3);
    assert!(told.contains("submit errors"), "{told}");
    assert_eq!(versions(&users.next(100).await), ["v1"]);
    assert_eq!(users.stop().await.failed, 0);
    assert_eq!(world.starts("v3"), 1);
    world.ripcord(&["audit", "verify"]).await.expect(0);
    world.end(&edge_and("v1")).await;
}

/// Traffic goes on as it was: no request lost, the same versions, and no more of the bad one than was agreed.
async fn while_it_is_dead(users: &Users, at: &Status) {
    let dead = users.next(250).await;
    assert_eq!(dead.failed, 0, "{dead:?}");
    assert_eq!(dead.versions["v1"].bad, 0, "{dead:?}");
    let share = share_of(&dead, "v3");
    match at.phase {
        PhaseName::Gating => assert_eq!(versions(&dead), ["v1"], "{dead:?}"),
        PhaseName::Releasing => {
            assert!((0.08..0.35).contains(&share), "a stage of 20 %, and {share}: {dead:?}")
        }
        // Between the decision and the kill the edge may or may not have been told.
        _ => assert!(share < 0.35, "{share}: {dead:?}"),
    }
}

fn serving(world: &World, wanted: impl Fn(&Role) -> bool) -> Vec<Process> {
    world.processes().into_iter().filter(|process| wanted(&process.role)).collect()
}
