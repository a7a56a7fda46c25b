//! The whole loop on real processes: a service, the edge in front of it, users, and a control plane that ships,
//! watches, goes back, dies and starts again.

mod fixture;
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
    handle.ship(name("good"), maya(), true).await.unwrap();
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
    handle.ship(name("bad"), maya(), true).await.unwrap();
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
async fn it_goes_back_without_the_control_plane_and_the_record_catches_up() {
    let world = World::new("offline", "v2");
    let running = world.start().await;
    let handle = running.handle().clone();
    handle.ship(name("offline"), maya(), true).await.unwrap();
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
    handle.ship(name("next"), maya(), true).await.unwrap();
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
