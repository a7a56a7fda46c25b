//! Instances that die, and what their users notice.

mod support;

use std::sync::atomic::Ordering;

use hyper::StatusCode;
use support::{TestEdge, eventually, options, upstream::Upstream};

#[tokio::test]
async fn a_dead_version_answers_502_and_the_other_one_does_not_notice() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let edge = TestEdge::start(options(dir.path())).await;
    edge.put(1, &[("v2", "50%", &[v2.address]), ("v1", "50%", &[v1.address])]).await;
    let mut client = edge.client().await;
    for _ in 0..20 {
        assert_eq!(client.get("/").await.status, StatusCode::OK);
    }
    v2.crash().await;
    let (mut good, mut bad) = (0, 0);
    for _ in 0..40 {
        let got = client.get("/").await;
        match got.version() {
            "v1" => {
                assert_eq!((got.status, got.text()), (StatusCode::OK, "v1"));
                good += 1;
            }
            _ => {
                assert_eq!((got.status, got.version()), (StatusCode::BAD_GATEWAY, "v2"));
                assert_eq!(got.json()["code"], "upstream-unreachable");
                bad += 1;
            }
        }
    }
    assert!(
        good >= 18 && bad >= 18,
        "{good} good, {bad} bad: the share of a dead version is not moved to another"
    );
    edge.stop().await;
}

#[tokio::test]
async fn another_instance_of_the_same_version_steps_in() {
    let dir = tempfile::tempdir().unwrap();
    let (dead, alive) = (Upstream::start("v1").await, Upstream::start("v1").await);
    let edge = TestEdge::start(options(dir.path())).await;
    edge.put(1, &[("v1", "100%", &[dead.address, alive.address])]).await;
    let mut client = edge.client().await;
    for _ in 0..4 {
        client.get("/").await;
    }
    dead.crash().await;
    for _ in 0..20 {
        let got = client.send("POST", "/", &[], "answer").await.unwrap();
        assert_eq!(got.status, StatusCode::OK, "{}", got.text());
    }
    edge.stop().await;
}

#[tokio::test]
async fn a_restarted_instance_loses_no_request_on_kept_connections() {
    let dir = tempfile::tempdir().unwrap();
    let mut v1 = Upstream::start("v1").await;
    let address = v1.address;
    let edge = TestEdge::start(options(dir.path())).await;
    edge.put(1, &[("v1", "100%", &[address])]).await;
    let mut client = edge.client().await;
    for round in 0..40 {
        let method = if round % 2 == 0 { "GET" } else { "POST" };
        assert_eq!(client.get("/").await.status, StatusCode::OK);
        v1.crash().await;
        v1 = Upstream::start_at("v1", address).await;
        let got = client.send(method, "/", &[], "").await.unwrap();
        assert_eq!(got.status, StatusCode::OK, "{}", got.text());
    }
    edge.stop().await;
}

#[tokio::test]
async fn a_request_that_may_have_been_acted_on_is_not_sent_twice() {
    let dir = tempfile::tempdir().unwrap();
    let v1 = Upstream::start("v1").await;
    let edge = TestEdge::start(options(dir.path())).await;
    edge.put(1, &[("v1", "100%", &[v1.address])]).await;
    let mut client = edge.client().await;
    client.get("/").await;
    let before = v1.requests();
    let got = client.send("POST", "/break", &[], "submit").await.unwrap();
    assert_eq!((got.status, got.json()["code"].as_str()), (StatusCode::BAD_GATEWAY, Some("upstream-lost")));
    assert_eq!(v1.requests(), before + 1, "a POST is sent once");
    client.get("/").await;
    let before = v1.requests();
    assert_eq!(client.get("/break").await.status, StatusCode::BAD_GATEWAY);
    assert_eq!(v1.requests(), before + 2, "a GET on a kept connection is tried once more, on a new one");
    edge.stop().await;
}

#[tokio::test]
async fn an_idempotent_request_cut_off_by_a_flip_is_answered_by_the_version_in_force() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let edge = TestEdge::start(options(dir.path())).await;
    edge.put(1, &[("v2", "100%", &[v2.address])]).await;
    let mut client = edge.client().await;
    client.get("/").await;
    let open = tokio::spawn(async move { client.get("/wait").await });
    eventually("the request waits at v2", async || v2.waiting() == 1).await;
    edge.put(2, &[("v1", "100%", &[v1.address])]).await;
    v2.crash().await;
    eventually("it is sent again", async || v1.waiting() == 1).await;
    v1.seen.release.notify_one();
    let got = open.await.unwrap();
    assert_eq!((got.status, got.version()), (StatusCode::OK, "v1"));
    edge.stop().await;
}

#[tokio::test]
async fn a_client_that_leaves_frees_the_instance() {
    let dir = tempfile::tempdir().unwrap();
    let v1 = Upstream::start("v1").await;
    let edge = TestEdge::start(options(dir.path())).await;
    edge.put(1, &[("v1", "100%", &[v1.address])]).await;
    let mut client = edge.client().await;
    let open = tokio::spawn(async move { client.get("/never").await.status });
    eventually("the request is there", async || v1.requests() == 1).await;
    open.abort();
    eventually("nothing is open", async || edge.split().await["versions"][0]["open_requests"] == 0).await;
    let metrics = edge.metrics().await;
    assert!(metrics.contains("code=\"gone\"} 1\n"), "{metrics}");
    assert_eq!(v1.seen.connections.load(Ordering::SeqCst), 1);
    edge.stop().await;
}
