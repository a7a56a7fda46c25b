//! The client against the API: every method, and every way of getting no answer.

use std::time::Duration;

use ripcord_engine::Command;
use ripcord_model::{Actor, ActorKind, Person};
use tokio::{io::AsyncReadExt, net::UnixListener, time::timeout};
use tokio_util::sync::CancellationToken;

use super::world::{KNOWN, name, world};
use crate::{
    Filter,
    api::{Limits, TcpOptions, serve_tcp, serve_unix},
    client::{Client, ClientError},
};

#[tokio::test]
async fn every_method_asks_its_route() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let world = world();
    serve_unix(world.handle.clone(), &path, Limits::default(), CancellationToken::new()).await.unwrap();
    let agent = Actor { kind: ActorKind::Agent, name: Person::new("planner").unwrap() };
    let client = Client::unix(&path).acting_as(agent.clone());
    let known = name(KNOWN);

    client.health().await.unwrap();
    assert_eq!(client.info().await.unwrap().pid, 7);
    assert_eq!(client.releases().await.unwrap().len(), 1);
    assert_eq!(client.release(&known).await.unwrap().release, known);
    assert_eq!(client.blueprint(&known).await.unwrap().release, known);
    assert_eq!(client.ship(&name("fresh"), false).await.unwrap().release, name("fresh"));
    assert!(!client.gate(&known).await.unwrap().open);
    let filter =
        Filter { from: 1, by: Some("maya".into()), kind: Some("shipped".into()), ..Filter::default() };
    let page = client.ledger(&filter).await.unwrap();
    assert_eq!((page.entries.len(), page.len), (2, 3));
    assert_eq!(page.entries[0].position, 1);

    assert!(client.verify().await.unwrap().verified, "a ledger that nobody has begun is not wrong");

    client.command(&known, Command::Hold { why: "odd".into() }).await.unwrap();
    let commands = world.commands.lock().unwrap().clone();
    assert_eq!(commands, [(agent, Command::Hold { why: "odd".into() })]);
}

#[tokio::test]
async fn a_refusal_arrives_with_its_code_and_hints() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    serve_unix(world().handle, &path, Limits::default(), CancellationToken::new()).await.unwrap();
    let error = Client::unix(&path).release(&name("unknown")).await.unwrap_err();
    let ClientError::Failed(failure) = error else { panic!("{error:?}") };
    assert_eq!(failure.code, "no-such-release");
    assert!(!failure.hints.is_empty());
    assert!(Client::unix(&path).watch(&name("unknown")).await.is_err());
}

#[tokio::test]
async fn no_server_is_told_apart_from_everything_else() {
    let directory = tempfile::tempdir().unwrap();
    let missing = Client::unix(directory.path().join("missing")).info().await.unwrap_err();
    assert!(missing.is_no_server(), "{missing:?}");
    let stale = directory.path().join("stale");
    drop(UnixListener::bind(&stale).unwrap());
    let dead = Client::unix(&stale).info().await.unwrap_err();
    assert!(dead.is_no_server(), "{dead:?}");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = Client::tcp(&format!("http://{free}"), "t").unwrap().info().await.unwrap_err();
    assert!(nobody.is_no_server(), "{nobody:?}");

    // Something is there: doing without it would be wrong.
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let long = directory.path().join("x".repeat(200));
    for (place, code) in [(file.join("below-a-file"), "server-unreachable"), (long, "server-unreachable")] {
        let error = Client::unix(&place).info().await.unwrap_err();
        assert!(
            matches!(&error, ClientError::Failed(failure) if failure.code == code),
            "{place:?}: {error:?}"
        );
    }

    let mute = directory.path().join("mute");
    let listener = UnixListener::bind(&mute).unwrap();
    let hang_up = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _head = stream.read(&mut [0; 1024]).await;
    };
    let client = Client::unix(&mute);
    let (asked, ()) = tokio::join!(timeout(Duration::from_secs(5), client.info()), hang_up);
    let broken = asked.unwrap().unwrap_err();
    assert!(matches!(broken, ClientError::Broken { .. }), "what was asked may have happened: {broken:?}");
}

#[tokio::test]
async fn another_program_on_the_socket_is_not_believed() {
    use tokio::io::AsyncWriteExt;
    let directory = tempfile::tempdir().unwrap();
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\n\r\n<html>",
    ] {
        let path = directory.path().join("other");
        let _none_yet = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).unwrap();
        let other = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _head = stream.read(&mut [0; 1024]).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        };
        let client = Client::unix(&path);
        let (asked, ()) = tokio::join!(client.info(), other);
        let error = asked.unwrap_err();
        assert!(matches!(error, ClientError::Unintelligible { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn by_tcp_the_token_decides() {
    let token = crate::api::token::generate().unwrap();
    let options = TcpOptions::new("127.0.0.1:0".parse().unwrap(), token.hash());
    let listening = serve_tcp(world().handle, options, CancellationToken::new()).await.unwrap();
    let url = format!("http://{}", listening.address().unwrap());
    Client::tcp(&url, token.reveal()).unwrap().info().await.unwrap();
    Client::tcp(&url, &format!("{}\n", token.reveal())).unwrap().info().await.unwrap();
    let error = Client::tcp(&url, "wrong").unwrap().info().await.unwrap_err();
    assert!(matches!(&error, ClientError::Failed(failure) if failure.code == "unauthorized"), "{error:?}");
    assert!(matches!(Client::tcp(&url, "a\r\nb"), Err(ClientError::BadToken)));
    assert!(matches!(Client::tcp("https://x:1", "t"), Err(ClientError::BadUrl { .. })));
}
