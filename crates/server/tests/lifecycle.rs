//! How a control plane starts, and how it says why it does not.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use ripcord_server::{
    FailureKind,
    lifecycle::{self, Options, SOCKET, TOKEN},
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn options(home: &Path) -> Options {
    Options::new(home, home.join(".ripcord"))
}

#[tokio::test]
async fn the_state_is_private_and_the_socket_goes_with_the_server() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join(".ripcord");
    let running = lifecycle::start(options(home.path())).await.unwrap();
    assert_eq!(mode(&state), 0o700);
    for file in [SOCKET, "ledger.db", "key"] {
        assert_eq!(mode(&state.join(file)), 0o600, "{file}");
    }
    let info = running.handle().info().await.unwrap();
    assert_eq!((info.releases, info.entries, info.trouble, info.service), (0, 0, None, None));
    assert!(running.handle().verify().await.unwrap().verified);
    running.shutdown().await;
    assert!(!state.join(SOCKET).exists());
}

#[tokio::test]
async fn a_state_directory_that_cannot_be_made_is_named() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(".ripcord"), "a file").unwrap();
    let Err(failure) = lifecycle::start(options(home.path())).await else { panic!("it started on a file") };
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Unavailable, "store-unwritable"));
    assert!(failure.message.contains(".ripcord"), "{failure:?}");
    assert!(!failure.hints.is_empty());
}

#[tokio::test]
async fn a_token_is_told_once_and_not_lost_when_the_port_is_taken() {
    let home = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = options(home.path());
    options.listen = Some(taken.local_addr().unwrap());
    let Err(failure) = lifecycle::start(options.clone()).await else {
        panic!("it listens on a port that is taken")
    };
    assert_eq!(failure.code, "cannot-listen");
    assert!(failure.message.contains(&taken.local_addr().unwrap().to_string()), "{failure:?}");
    assert!(!options.state.join(TOKEN).exists(), "nobody was told this token");

    options.listen = Some("127.0.0.1:0".parse().unwrap());
    let running = lifecycle::start(options.clone()).await.unwrap();
    assert!(running.token().is_some());
    assert_eq!(running.handle().info().await.unwrap().listen, running.address());
    running.shutdown().await;
    let running = lifecycle::start(options).await.unwrap();
    assert!(running.token().is_none(), "told once");
    running.shutdown().await;
}

#[tokio::test]
async fn a_loop_that_has_ended_unasked_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let running = lifecycle::start(options(home.path())).await.unwrap();
    let second = std::time::Duration::from_secs(1);
    assert!(tokio::time::timeout(second / 10, running.died()).await.is_err(), "it lives");
    // Behind the back of whoever waits: as if the loop had panicked.
    running.handle().shutdown().await;
    tokio::time::timeout(second * 5, running.died()).await.expect("its death is noticed");
    running.shutdown().await;
}
