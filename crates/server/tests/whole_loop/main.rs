//! The whole loop on real processes: a service, the edge in front of it, users, and a control plane that ships,
//! watches, goes back, dies and starts again.

mod fixture;
mod nginx;
mod world;

use ripcord_engine::{Command, PhaseName};
use ripcord_model::Actor;
use ripcord_server::offline::{Ending, Request, rollback_offline};
use world::{World, maya, name};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_release_climbs_and_completes_and_the_record_verifies() {
    let world = World::new("good", "v2");
    let running = world.start().await;
    let handle = running.handle().clone();
    let before = handle.gate(name("good")).await.unwrap();
    let of = |check: &str| before.checks.iter().find(|answer| answer.check == check).unwrap();
    assert!(!before.open);
    assert!(of("lint-clean").status.opens(), "{:?}", of("lint-clean"));
    assert!(of("last-good").reason.contains("v1 does not run in production"), "{:?}", of("last-good"));
    assert!(of("way-back").reason.contains("has never been told anything"), "{:?}", of("way-back"));
    assert!(handle.statuses().await.unwrap().is_empty(), "asking the gate must record nothing");
    world.ship(&handle, "good").await;
    let _users = world.users_once_open();
    world.until(&handle, "good", "ready for 100 %", |status| status.share == "50%".parse().unwrap()).await;
    world.until_accepted(&handle, "good", || Command::Promote { why: "looks good".to_owned() }).await;
    world.until(&handle, "good", "verifying", |status| status.phase == PhaseName::Verifying).await;
    world.until_accepted(&handle, "good", || Command::Complete { why: "validated".to_owned() }).await;
    world.until(&handle, "good", "complete", |status| status.phase == PhaseName::Complete).await;
    assert_eq!(world.answered_by().await, "v2");
    let verification = handle.verify().await.unwrap();
    assert!(verification.verified, "{verification:?}");
    assert!(verification.entries > 10, "{verification:?}");
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_release_goes_back_although_the_control_plane_is_restarted_meanwhile() {
    let world = World::new("bad", "v3");
    let running = world.start().await;
    let handle = running.handle().clone();
    world.ship(&handle, "bad").await;
    let _users = world.users_once_open();
    world.until(&handle, "bad", "in production", |status| status.phase == PhaseName::Releasing).await;
    running.shutdown().await;

    let running = world.start().await;
    let handle = running.handle().clone();
    world.until(&handle, "bad", "rolled back", |status| status.phase == PhaseName::RolledBack).await;
    for _ in 0..20 {
        assert_eq!(world.answered_by().await, "v1");
    }
    let status = handle.status(name("bad")).await.unwrap();
    assert!(status.clock.bleeding_stopped.is_some() && status.clock.decided.is_some(), "{:?}", status.clock);
    assert!(handle.verify().await.unwrap().verified);
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_real_nginx_a_bad_release_goes_back_as_well() {
    let world = World::behind_nginx("bad", "v3");
    let running = world.start().await;
    let handle = running.handle().clone();
    let _users = world.users_once_open();
    world.ship(&handle, "bad").await;
    world.until(&handle, "bad", "rolled back", |status| status.phase == PhaseName::RolledBack).await;
    let status = handle.status(name("bad")).await.unwrap();
    assert!(matches!(status.cause, Some(ripcord_engine::Cause::Verdict(_))), "{:?}", status.cause);
    for _ in 0..20 {
        assert_eq!(world.answered_by().await, "v1");
    }
    assert!(handle.verify().await.unwrap().verified);
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_control_plane_killed_again_and_again_still_brings_a_bad_release_back() {
    let world = World::new("killed", "v3");
    let running = world.start().await;
    world.ship(running.handle(), "killed").await;
    let _users = world.users_once_open();
    running.shutdown().await;
    // Killed a little later each time: while starting, shipping, baking, deciding, going back.
    for life_ms in [150, 300, 450, 600, 800, 1_000, 1_300] {
        let mut control_plane = fixture::control_plane(&world.root());
        tokio::time::sleep(std::time::Duration::from_millis(life_ms)).await;
        control_plane.kill().unwrap();
        control_plane.wait().unwrap();
    }
    let running = world.start().await;
    let handle = running.handle().clone();
    world.until(&handle, "killed", "rolled back", |status| status.phase == PhaseName::RolledBack).await;
    for _ in 0..20 {
        assert_eq!(world.answered_by().await, "v1");
    }
    assert!(handle.verify().await.unwrap().verified);
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_goes_back_without_the_control_plane_and_the_record_catches_up() {
    let world = World::new("offline", "v2");
    let running = world.start().await;
    let handle = running.handle().clone();
    world.ship(&handle, "offline").await;
    let _users = world.users_once_open();
    world.until(&handle, "offline", "in production", |status| status.phase == PhaseName::Releasing).await;
    let request = Request {
        state: world.state(),
        root: world.root(),
        ripcord_program: world.program(),
        release: name("offline"),
        by: maya(),
        why: "support says so".to_owned(),
        force: false,
    };
    let refused = rollback_offline(request.clone(), &mut |_| {}).await.unwrap_err();
    assert_eq!(refused.code, "server-answers");
    running.shutdown().await;

    let report = rollback_offline(request, &mut |_| {}).await.unwrap();
    assert_eq!(report.ending, Ending::RolledBack, "{report:?}");
    for _ in 0..20 {
        assert_eq!(world.answered_by().await, "v1");
    }

    let running = world.start().await;
    let handle = running.handle().clone();
    world.until(&handle, "offline", "rolled back", |status| status.phase == PhaseName::RolledBack).await;
    assert_eq!(handle.info().await.unwrap().trouble, None);
    assert!(handle.verify().await.unwrap().verified);

    // Generations used offline count: the next release is not superseded by them.
    world.write_plan("next", "v4");
    world.ship(&handle, "next").await;
    world.until(&handle, "next", "in production", |status| status.phase == PhaseName::Releasing).await;
    let why = "enough seen".to_owned();
    let level = None;
    handle.command(name("next"), Command::Rollback { why, level }, maya()).await.unwrap();
    world.until(&handle, "next", "rolled back", |status| status.phase == PhaseName::RolledBack).await;
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_control_plane_on_the_same_state_is_refused() {
    let world = World::new("good", "v2");
    let running = world.start().await;
    let failure = match world.try_start().await {
        Ok(_) => panic!("two control planes run on one state directory"),
        Err(failure) => failure,
    };
    assert_eq!(failure.code, "store-locked");
    assert!(!failure.hints.is_empty());
    let unknown =
        running.handle().command(name("nobody"), Command::Acknowledge, Actor::ripcord()).await.unwrap_err();
    assert_eq!(unknown.code, "no-such-release");
    running.shutdown().await;
}
