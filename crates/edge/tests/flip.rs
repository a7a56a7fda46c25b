//! Changing the split under load: nothing is lost, and nothing new reaches a withdrawn version.

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use hyper::StatusCode;
use serde_json::json;
use support::{Client, TestEdge, eventually, options, put, split_json, upstream::Upstream};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_flips_under_load_lose_no_request() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let edge = TestEdge::start(options(dir.path())).await;
    assert_eq!(edge.put(1, &[("v1", "100%", &[v1.address])]).await.status, StatusCode::OK);

    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut load = JoinSet::new();
    for _ in 0..16 {
        let (stop, answered, listen) = (Arc::clone(&stop), Arc::clone(&answered), edge.listen);
        load.spawn(async move {
            let mut client = Client::connect(listen).await;
            while !stop.load(Ordering::SeqCst) {
                let got = client.send("POST", "/", &[], "answer").await.expect("a request was lost");
                assert_eq!(got.status, StatusCode::OK, "{}", got.text());
                assert_eq!(got.text(), got.version(), "the header names who answered");
                answered.fetch_add(1, Ordering::SeqCst);
            }
        });
    }

    for flip in 0..100 {
        let (name, to, withdrawn) = if flip % 2 == 0 { ("v2", &v2, &v1) } else { ("v1", &v1, &v2) };
        let mut body = split_json(flip + 2, &[(name, "100%", &[to.address])]);
        body["wait_drained_ms"] = json!(5_000);
        let got = put(edge.admin, &body).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.text());
        assert_eq!(got.json()["withdrawn"][0]["open_now"], 0);
        let seen = withdrawn.requests();
        let goal = answered.load(Ordering::SeqCst) + 32;
        eventually("the load goes on", async || answered.load(Ordering::SeqCst) >= goal).await;
        assert_eq!(withdrawn.requests(), seen, "a new request reached the withdrawn version in flip {flip}");
    }
    stop.store(true, Ordering::SeqCst);
    while let Some(done) = load.join_next().await {
        done.unwrap();
    }
    edge.stop().await;
}

#[tokio::test]
async fn an_open_request_of_a_withdrawn_version_finishes() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let mut patient = options(dir.path());
    patient.drain = Duration::from_secs(60);
    patient.timeouts.upstream_idle = Duration::from_secs(60);
    let edge = TestEdge::start(patient).await;
    edge.put(1, &[("v2", "100%", &[v2.address])]).await;
    let mut slow = edge.client().await;
    let open = tokio::spawn(async move { slow.get("/wait").await });
    eventually("the request waits at v2", async || v2.waiting() == 1).await;

    let got = edge.put(2, &[("v1", "100%", &[v1.address])]).await.json();
    assert_eq!(got["withdrawn"], json!([{ "version": "v2", "open_at_switch": 1, "open_now": 1 }]));
    assert_eq!(edge.split().await["draining"][0]["open_requests"], 1);
    assert_eq!(edge.client().await.get("/").await.text(), "v1");

    v2.seen.release.notify_one();
    let answer = open.await.unwrap();
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "v2"));
    eventually("nothing drains", async || edge.split().await["draining"] == json!([])).await;
    let connected = || v2.seen.open.load(Ordering::SeqCst);
    eventually("no connection to it is kept", async || connected() == 0).await;
    edge.stop().await;
}

#[tokio::test]
async fn after_the_drain_time_open_requests_are_cut() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let mut short = options(dir.path());
    short.drain = Duration::from_millis(200);
    let edge = TestEdge::start(short).await;
    edge.put(1, &[("v2", "100%", &[v2.address])]).await;
    let (mut slow, mut broken) = (edge.client().await, edge.client().await);
    let open = tokio::spawn(async move { slow.send("POST", "/wait", &[], "x").await.unwrap() });
    let streaming = tokio::spawn(async move { broken.send("GET", "/stall", &[], "").await });
    eventually("both requests reached v2", async || v2.requests() == 2).await;

    let mut body = split_json(2, &[("v1", "100%", &[v1.address])]);
    body["wait_drained_ms"] = json!(5_000);
    let got = put(edge.admin, &body).await.json();
    assert_eq!(got["withdrawn"], json!([{ "version": "v2", "open_at_switch": 2, "open_now": 0 }]));
    let answer = open.await.unwrap();
    assert_eq!((answer.status, answer.version()), (StatusCode::BAD_GATEWAY, "v2"));
    assert!(streaming.await.unwrap().is_err(), "a cut answer must not look complete");
    edge.stop().await;
}

#[tokio::test]
async fn a_version_that_comes_back_within_the_drain_time_is_not_cut() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let mut short = options(dir.path());
    short.drain = Duration::from_millis(200);
    let edge = TestEdge::start(short).await;
    edge.put(1, &[("v2", "100%", &[v2.address])]).await;
    let mut slow = edge.client().await;
    let open = tokio::spawn(async move { slow.get("/wait").await });
    eventually("the request waits at v2", async || v2.waiting() == 1).await;
    edge.put(2, &[("v1", "100%", &[v1.address])]).await;
    edge.put(3, &[("v2", "100%", &[v2.address])]).await;
    // Time itself is what is tested here: the cut, were it to come, comes within it.
    tokio::time::sleep(Duration::from_millis(400)).await;
    v2.seen.release.notify_one();
    assert_eq!(open.await.unwrap().text(), "v2");
    edge.stop().await;
}

#[tokio::test]
async fn a_refused_split_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let v1 = Upstream::start("v1").await;
    let edge = TestEdge::start(options(dir.path())).await;
    let got = edge.client().await.get("/").await;
    assert_eq!(
        (got.status, got.json()["code"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("no-split"))
    );
    assert_eq!(edge.split().await["generation"], json!(null));

    edge.put(17, &[("v1", "100%", &[v1.address])]).await;
    let before = edge.split().await;
    assert_eq!(before["generation"], 17);
    assert_eq!(before["weights"], json!([["v1", "100%"]]));
    let only_v1: &[_] = &[v1.address];

    let older = edge.put(16, &[("v1", "100%", only_v1)]).await;
    assert_eq!((older.status, &older.json()["generation"]), (StatusCode::CONFLICT, &json!(17)));
    assert_eq!(
        edge.put(17, &[("v1", "100%", only_v1)]).await.status,
        StatusCode::OK,
        "repeating is harmless"
    );
    let reused = edge.put(17, &[("v2", "100%", only_v1)]).await;
    assert_eq!(
        (reused.status, reused.json()["code"].as_str()),
        (StatusCode::CONFLICT, Some("generation-reused"))
    );
    for (split, status) in [
        (split_json(18, &[("v1", "90%", only_v1)]), 422),
        (split_json(18, &[("v2", "10%", &[]), ("v1", "90%", only_v1)]), 422),
        (split_json(18, &[("v1", "110%", only_v1)]), 422),
        (json!({ "generation": 18 }), 422),
        (json!("nonsense"), 422),
    ] {
        let got = put(edge.admin, &split).await;
        assert_eq!(got.status.as_u16(), status, "{split}: {}", got.text());
        assert!(got.json()["message"].is_string());
    }
    let mut admin = Client::connect(edge.admin).await;
    let oversized = admin.send("PUT", "/v1/split", &[], vec![b' '; 2 << 20]).await;
    assert!(oversized.is_err() || oversized.unwrap().status == StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(put(edge.admin, &json!({ "generation": -1 })).await.status.as_u16(), 422);
    let mut admin = Client::connect(edge.admin).await;
    assert_eq!(admin.send("PUT", "/v1/split", &[], "{").await.unwrap().status, StatusCode::BAD_REQUEST);
    assert_eq!(
        admin.send("DELETE", "/v1/split", &[], "").await.unwrap().status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    let after = edge.split().await;
    assert_eq!((&after["generation"], &after["weights"]), (&before["generation"], &before["weights"]));
    edge.stop().await;
}
