//! Clients that are slow, silent or many.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    wire::{by_unix, request},
    world::{SILENT, World, world},
};
use crate::api::{Limits, serve_unix};

struct Server {
    world: World,
    path: std::path::PathBuf,
    shutdown: CancellationToken,
    listening: crate::api::Listening,
    _directory: tempfile::TempDir,
}

async fn server(limits: Limits) -> Server {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let (world, shutdown) = (world(), CancellationToken::new());
    let listening = serve_unix(world.handle.clone(), &path, limits, shutdown.clone()).await.unwrap();
    Server { world, path, shutdown, listening, _directory: directory }
}

#[tokio::test]
async fn a_client_that_never_finishes_its_head_is_put_out_and_others_are_served_meanwhile() {
    let limits = Limits { head_timeout: Duration::from_millis(200), ..Limits::default() };
    let server = server(limits).await;
    for start in ["", "GET /v1/info HTTP/1.1\r\nhost: x\r\nx-slow:"] {
        let mut slow = UnixStream::connect(&server.path).await.unwrap();
        slow.write_all(start.as_bytes()).await.unwrap();
        assert_eq!(by_unix(&server.path, &request("GET", "/v1/info", &[], "")).await.status, 200);
        let mut rest = Vec::new();
        let closed = timeout(Duration::from_secs(5), slow.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "still open after {start:?}");
    }
}

#[tokio::test]
async fn a_body_that_never_ends_and_a_loop_that_never_answers_are_timed_out() {
    let limits = Limits { request_timeout: Duration::from_millis(200), ..Limits::default() };
    let server = server(limits).await;
    let head = "POST /v1/gate HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{";
    let slow = by_unix(&server.path, head).await;
    assert_eq!((slow.status, slow.code().as_str()), (503, "timed-out"), "{slow:?}");
    let path = format!("/v1/releases/{SILENT}");
    let silent = by_unix(&server.path, &request("GET", &path, &[], "")).await;
    assert_eq!((silent.status, silent.code().as_str()), (503, "timed-out"), "{silent:?}");
}

#[tokio::test]
async fn an_oversized_head_is_refused() {
    let server = server(Limits::default()).await;
    let header = format!("x-large: {}", "x".repeat(100_000));
    let answer = by_unix(&server.path, &request("GET", "/v1/info", &[&header], "")).await;
    assert!(answer.status == 431 || answer.status == 0, "{}", answer.status);
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let limits = Limits { connections: 2, head_timeout: Duration::from_millis(300), ..Limits::default() };
    let server = server(limits).await;
    let mut idle = Vec::new();
    for _ in 0..2 {
        idle.push(UnixStream::connect(&server.path).await.unwrap());
    }
    // Both places are taken by idlers; the third waits until they are put out, and is then served.
    assert_eq!(by_unix(&server.path, &request("GET", "/v1/info", &[], "")).await.status, 200);
}

#[tokio::test]
async fn watches_are_limited_and_a_closed_one_makes_room() {
    let server = server(Limits { watches: 1, ..Limits::default() }).await;
    let path = "/v1/releases/exam-submit-v2/watch";
    let mut first = UnixStream::connect(&server.path).await.unwrap();
    first.write_all(request("GET", path, &[], "").as_bytes()).await.unwrap();
    let mut some = [0; 64];
    assert!(first.read(&mut some).await.unwrap() > 0);
    let second = by_unix(&server.path, &request("GET", path, &[], "")).await;
    assert_eq!((second.status, second.code().as_str()), (503, "too-many-watches"), "{second:?}");
    drop(first);
    let room = async {
        loop {
            // The server notices at its next event that nobody listens.
            server.world.enter(ripcord_engine::PhaseName::Complete);
            if by_unix(&server.path, &request("GET", path, &[], "")).await.status == 200 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(10), room).await.expect("room for another watch");
}

#[tokio::test]
async fn a_stop_ends_idle_connections_and_watches_at_once() {
    let server = server(Limits::default()).await;
    let _idle = UnixStream::connect(&server.path).await.unwrap();
    let mut watching = UnixStream::connect(&server.path).await.unwrap();
    let watch = request("GET", "/v1/releases/exam-submit-v2/watch", &[], "");
    watching.write_all(watch.as_bytes()).await.unwrap();
    let mut some = [0; 64];
    assert!(watching.read(&mut some).await.unwrap() > 0);
    server.shutdown.cancel();
    timeout(Duration::from_secs(3), server.listening.ended()).await.expect("it ends before its drain limit");
}
