//! Following a release.

use std::time::Duration;

use ripcord_engine::PhaseName;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::world::{KNOWN, World, name, world};
use crate::{
    api::{Limits, serve_unix},
    client::{Client, ClientError, Watch},
};

async fn watched() -> (World, Watch, CancellationToken, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let (world, shutdown) = (world(), CancellationToken::new());
    serve_unix(world.handle.clone(), &path, Limits::default(), shutdown.clone()).await.unwrap();
    let watch = Client::unix(&path).watch(&name(KNOWN)).await.unwrap();
    (world, watch, shutdown, directory)
}

async fn next(watch: &mut Watch) -> Option<Result<PhaseName, ClientError>> {
    let next = timeout(Duration::from_secs(10), watch.next()).await.expect("news within 10 s");
    next.map(|status| status.map(|status| status.phase))
}

#[tokio::test]
async fn the_present_comes_first_then_every_change_then_the_end() {
    let (world, mut watch, _shutdown, _directory) = watched().await;
    assert_eq!(next(&mut watch).await, Some(Ok(PhaseName::Releasing)));
    world.enter(PhaseName::RollingBack);
    assert_eq!(next(&mut watch).await, Some(Ok(PhaseName::RollingBack)));
    world.enter(PhaseName::RolledBack);
    assert_eq!(next(&mut watch).await, Some(Ok(PhaseName::RolledBack)));
    assert_eq!(next(&mut watch).await, None);
}

#[tokio::test]
async fn changes_come_at_most_twice_a_second_and_the_last_one_always_comes() {
    let (world, mut watch, _shutdown, _directory) = watched().await;
    assert_eq!(next(&mut watch).await, Some(Ok(PhaseName::Releasing)));
    let flood = async {
        for _ in 0..100 {
            world.enter(PhaseName::Contained);
            tokio::time::sleep(Duration::from_millis(5)).await;
            world.enter(PhaseName::Releasing);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        world.enter(PhaseName::Complete);
    };
    let count = async {
        let mut seen = Vec::new();
        while let Some(status) = next(&mut watch).await {
            seen.push(status.unwrap());
        }
        seen
    };
    let ((), seen) = tokio::join!(flood, count);
    assert_eq!(seen.last(), Some(&PhaseName::Complete));
    assert!(seen.len() <= 7, "{} events in about a second and a half", seen.len());
}

#[tokio::test]
async fn a_server_that_stops_in_between_is_told_apart_from_a_release_that_is_over() {
    let (_world, mut watch, shutdown, _directory) = watched().await;
    assert_eq!(next(&mut watch).await, Some(Ok(PhaseName::Releasing)));
    shutdown.cancel();
    let last = next(&mut watch).await;
    assert!(matches!(last, Some(Err(ClientError::Broken { .. }))), "{last:?}");
    assert_eq!(next(&mut watch).await, None);
}

#[tokio::test]
async fn a_change_without_an_announcement_is_found_by_looking_again() {
    let (world, mut watch, _shutdown, _directory) = watched().await;
    assert_eq!(next(&mut watch).await, Some(Ok(PhaseName::Releasing)));
    world.enter_silently(PhaseName::Complete);
    assert_eq!(next(&mut watch).await, Some(Ok(PhaseName::Complete)));
}
