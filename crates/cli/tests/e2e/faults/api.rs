//! Callers who misbehave, and doors that stay shut for strangers.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::{FileTypeExt as _, PermissionsExt as _},
    path::Path,
};

use ripcord_engine::StageState;
use ripcord_server::client::Client;

use crate::support::{
    api::{by_tcp, by_unix, request, status},
    files::Plan,
    free_port,
    server::Server,
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oversized_and_malformed_requests_are_refused_and_the_server_goes_on() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    let server = world.serve().await;
    let socket = world.state().join("ripcord.sock");
    let large = format!("{{\"release\":\"{}\"}}", "x".repeat(10 << 20));
    let deep = "[".repeat(60_000);
    let cases: [(Vec<u8>, &[u16]); 12] = [
        (request("POST", "/v1/releases", &[], &large), &[413]),
        (request("POST", "/v1/releases", &[], &deep), &[400]),
        (request("POST", "/v1/releases", &[], "{\"release\":"), &[400]),
        (request("POST", "/v1/releases", &[], "{\"release\":\"../../etc/passwd\",\"ship\":true}"), &[400]),
        (
            request("POST", "/v1/releases", &[], "{\"release\":\"flow-v2\",\"ship\":true,\"by\":\"root\"}"),
            &[400],
        ),
        (request("POST", "/v1/releases/flow-v2/commands", &[], "{\"command\":\"launch\"}"), &[400]),
        (request("GET", "/v1/releases/%2e%2e%2fkey", &[], ""), &[400, 404]),
        (request("GET", "/v1/ledger?limit=many", &[], ""), &[400]),
        (request("DELETE", "/v1/releases", &[], ""), &[405]),
        (request("GET", "/v1/info", &[&format!("x-long: {}", "y".repeat(1 << 20))], ""), &[431, 400, 0]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is not HTTP\r\n\r\n".to_vec(), &[400, 0]),
        (b"GET / HTTP/9.9\r\n\r\n".to_vec(), &[400, 505, 0]),
    ];
    for (number, (bytes, expected)) in cases.iter().enumerate() {
        let answer = by_unix(&socket, bytes).await;
        assert!(
            expected.contains(&status(&answer)),
            "case {number}: expected {expected:?}, got {answer:.300}"
        );
        world.client().health().await.unwrap_or_else(|error| panic!("after case {number}: {error}"));
    }
    let info = world.client().info().await.unwrap();
    assert_eq!((info.releases, info.entries), (0, 0), "a refused request has changed something");
    server.stop().await;
    world.end(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_state_directory_holds_is_its_owners_alone() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let server = Server::start(world.root(), &["--listen", &address.to_string()]).await;
    world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0);
    // By then everything that is ever kept there has been written.
    world.until("flow-v2", "in its first stage", |status| status.stages[0].state == StageState::Baking).await;
    private_beneath(&world.state());
    let socket = fs::metadata(world.state().join("ripcord.sock")).unwrap();
    assert!(socket.file_type().is_socket());
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    world.ripcord(&["rollback", "flow-v2", "--why", "only its files matter"]).await.expect(3);
    private_beneath(&world.state());
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

fn private_beneath(directory: &Path) {
    let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(directory), 0o700, "{}", directory.display());
    for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            private_beneath(&path);
        } else {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_tcp_nobody_comes_in_without_the_token_that_is_printed_once() {
    let world = World::behind_edge();
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let url = format!("http://{address}");
    let server = Server::start(world.root(), &["--listen", &address.to_string()]).await;
    let printed = world.log();
    let token =
        printed.split("RIPCORD_TOKEN=").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    for headers in [&[][..], &["authorization: Bearer guessed"], &["authorization: Basic cm9vdDo="]] {
        let answer = by_tcp(address, &request("GET", "/v1/releases", headers, "")).await;
        assert_eq!(status(&answer), 401, "{headers:?}: {answer}");
        assert!(answer.contains("\"code\":\"unauthorized\""), "{answer}");
    }
    let client = Client::tcp(&url, token).unwrap();
    assert!(client.releases().await.unwrap().is_empty());
    let asked =
        world.command(&["status", "--server", &url]).env("RIPCORD_TOKEN", token).output().await.unwrap();
    assert!(asked.status.success(), "{asked:?}");
    let unnamed =
        world.command(&["status", "--server", &url]).env_remove("RIPCORD_TOKEN").output().await.unwrap();
    assert_eq!(unnamed.status.code(), Some(2), "{unnamed:?}");
    server.stop().await;

    let server = Server::start(world.root(), &["--listen", &address.to_string()]).await;
    assert_eq!(world.log().matches("RIPCORD_TOKEN=").count(), 1, "the token was printed again");
    assert!(client.releases().await.is_ok(), "and it is still the one");
    for file in ["token", "ledger.db"] {
        let bytes = fs::read(world.state().join(file)).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(token), "{file} holds the token in the clear");
    }
    server.stop().await;
    let refused = world.ripcord(&["serve", "--listen", "0.0.0.0:0"]).await.expect(1);
    assert!(refused.contains("--beyond-loopback"), "{refused}");
    world.end(&[]).await;
}
