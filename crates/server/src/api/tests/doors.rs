//! Who gets in: the owner by the socket, holders of the token by TCP, nobody else. And whose socket it is.

use std::{net::SocketAddr, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{
    wire::{by_tcp, by_unix, request},
    world::{KNOWN, world},
};
use crate::api::{Limits, ListenError, Listening, TcpOptions, serve_tcp, serve_unix};

async fn listen(path: &Path) -> (Result<Listening, ListenError>, CancellationToken) {
    let shutdown = CancellationToken::new();
    (serve_unix(world().handle, path, Limits::default(), shutdown.clone()).await, shutdown)
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

#[tokio::test]
async fn the_socket_is_private_and_goes_with_its_server() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ripcord.sock");
    let (listening, shutdown) = listen(&path).await;
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(by_unix(&path, &request("GET", "/v1/info", &[], "")).await.status, 200);
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(5), listening.unwrap().ended()).await.expect("it ends");
    assert!(!path.exists());
    assert!(listen(&path).await.0.is_ok(), "the next server takes its place");
}

#[tokio::test]
async fn two_servers_on_one_socket_are_one_too_many() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ripcord.sock");
    let (first, _first_shutdown) = listen(&path).await;
    assert!(first.is_ok());
    let error = listen(&path).await.0.unwrap_err();
    assert!(matches!(error, ListenError::InUse(_)), "{error}");
    assert_eq!(
        by_unix(&path, &request("GET", "/healthz", &[], "")).await.status,
        200,
        "the first still answers"
    );
    // Even when somebody has removed the file: the lock tells that its server lives.
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(listen(&path).await.0, Err(ListenError::InUse(_))));
}

#[tokio::test]
async fn the_socket_of_a_dead_server_is_replaced_and_anything_else_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let stale = directory.path().join("stale.sock");
    drop(std::os::unix::net::UnixListener::bind(&stale).unwrap());
    assert!(stale.exists());
    assert!(listen(&stale).await.0.is_ok());

    let foreign = directory.path().join("foreign.sock");
    let _alive = std::os::unix::net::UnixListener::bind(&foreign).unwrap();
    assert!(matches!(listen(&foreign).await.0, Err(ListenError::InUse(_))));

    let file = directory.path().join("notes.txt");
    std::fs::write(&file, "mine").unwrap();
    assert!(matches!(listen(&file).await.0, Err(ListenError::NotASocket(_))));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");

    let long = directory.path().join("x".repeat(120));
    assert!(matches!(listen(&long).await.0, Err(ListenError::PathTooLong { .. })));
    let nowhere = directory.path().join("missing/ripcord.sock");
    assert!(matches!(listen(&nowhere).await.0, Err(ListenError::Unix { .. })));
}

#[tokio::test]
async fn by_tcp_only_the_token_opens_and_health_needs_none() {
    let token = crate::api::token::generate().unwrap();
    let other = crate::api::token::generate().unwrap();
    let world = world();
    let options = TcpOptions::new(local(0), token.hash());
    let listening = serve_tcp(world.handle.clone(), options, CancellationToken::new()).await.unwrap();
    let address = listening.address().unwrap();

    let right = format!("authorization: Bearer {}", token.reveal());
    let lower = format!("authorization: bearer {}", token.reveal());
    let wrong = format!("authorization: Bearer {}", other.reveal());
    let short = format!("authorization: Bearer {}", &token.reveal()[..20]);
    let basic = format!("authorization: Basic {}", token.reveal());
    for (headers, expected) in [
        (vec![right.as_str()], 200),
        (vec![lower.as_str()], 200),
        (vec![], 401),
        (vec![wrong.as_str()], 401),
        (vec![short.as_str()], 401),
        (vec![basic.as_str()], 401),
        (vec!["authorization: Bearer "], 401),
        (vec!["authorization: Bearer"], 401),
        (vec![right.as_str(), right.as_str()], 401),
    ] {
        let answer = by_tcp(address, &request("GET", "/v1/releases", &headers, "")).await;
        assert_eq!(answer.status, expected, "{headers:?}: {answer:?}");
        if expected == 401 {
            assert_eq!(answer.code(), "unauthorized");
            assert!(answer.head.contains("www-authenticate: bearer"), "{answer:?}");
            assert!(!answer.body.contains(KNOWN));
        }
    }
    // What exists behind the door is not told in front of it.
    for path in ["/v1/nothing", "/v1"] {
        assert_eq!(by_tcp(address, &request("GET", path, &[], "")).await.status, 401, "{path}");
    }
    let command = r#"{"command":"acknowledge"}"#;
    let path = "/v1/releases/exam-submit-v2/commands";
    let stranger = by_tcp(address, &request("POST", path, &["x-ripcord-actor: maya"], command)).await;
    assert_eq!(stranger.status, 401);
    assert!(world.commands.lock().unwrap().is_empty());
    // The server's own token stands for whoever runs it.
    assert_eq!(by_tcp(address, &request("POST", path, &[&right], command)).await.status, 200);
    assert_eq!(world.commands.lock().unwrap()[0].0.name.as_str(), "root");
    assert_eq!(by_tcp(address, &request("GET", "/healthz", &[], "")).await.status, 200);
}

#[tokio::test]
async fn tcp_stays_on_this_machine_unless_told_otherwise_and_names_a_taken_port() {
    let hash = crate::api::token::generate().unwrap().hash();
    let everywhere = TcpOptions::new("0.0.0.0:0".parse().unwrap(), hash);
    let refused = serve_tcp(world().handle, everywhere, CancellationToken::new()).await.unwrap_err();
    assert!(matches!(refused, ListenError::BeyondLoopback(_)), "{refused}");

    let first =
        serve_tcp(world().handle, TcpOptions::new(local(0), hash), CancellationToken::new()).await.unwrap();
    let taken = first.address().unwrap();
    let error =
        serve_tcp(world().handle, TcpOptions::new(taken, hash), CancellationToken::new()).await.unwrap_err();
    assert!(error.to_string().contains(&taken.to_string()), "{error}");
}
