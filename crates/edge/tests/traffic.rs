//! Who gets which version, and what is counted.

mod support;

use std::{collections::BTreeSet, net::SocketAddr};

use hyper::StatusCode;
use ripcord_model::blueprint::Sticky;
use support::{Client, TestEdge, options, upstream::Upstream};
use tokio::task::JoinSet;

const USERS: usize = 20_000;
const CLIENTS: usize = 8;

/// The users that get v2.
async fn users_of_v2(listen: SocketAddr) -> BTreeSet<usize> {
    let mut tasks = JoinSet::new();
    for first in 0..CLIENTS {
        tasks.spawn(async move {
            let mut client = Client::connect(listen).await;
            let mut chosen = BTreeSet::new();
            for user in (first..USERS).step_by(CLIENTS) {
                let got = client.get_with("/", &[("x-user", &format!("user-{user}"))]).await;
                assert_eq!(got.status, StatusCode::OK);
                assert_eq!(got.version(), got.text());
                if got.version() == "v2" {
                    chosen.insert(user);
                }
            }
            chosen
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_users_split_exactly_and_a_growing_share_only_adds_users() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let mut by_header = options(dir.path());
    by_header.sticky = Sticky::Header("x-user".to_owned());
    let edge = TestEdge::start(by_header).await;
    let mut before = BTreeSet::new();
    for (generation, (share, rest, p)) in
        [("1%", "99%", 0.01), ("10%", "90%", 0.1), ("50%", "50%", 0.5)].iter().enumerate()
    {
        let split: [(&str, &str, &[_]); 2] = [("v2", share, &[v2.address]), ("v1", rest, &[v1.address])];
        assert_eq!(edge.put(generation as u64, &split).await.status, StatusCode::OK);
        let chosen = users_of_v2(edge.listen).await;
        let deviation = (USERS as f64 * p * (1.0 - p)).sqrt();
        let off = (chosen.len() as f64 - USERS as f64 * p).abs() / deviation;
        assert!(off < 4.0, "{} users at {share}: {off} standard deviations", chosen.len());
        assert!(before.is_subset(&chosen), "a user lost v2 when its share grew to {share}");
        before = chosen;
    }
    edge.stop().await;
}

#[tokio::test]
async fn without_stickiness_the_share_is_never_exceeded_by_more_than_a_few() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let edge = TestEdge::start(options(dir.path())).await;
    edge.put(1, &[("v2", "1%", &[v2.address]), ("v1", "99%", &[v1.address])]).await;
    let mut client = edge.client().await;
    for _ in 0..2_000 {
        client.get("/").await;
    }
    assert!((17..=23).contains(&v2.requests()), "{} of 2000 at 1%", v2.requests());
    edge.put(2, &[("v2", "0%", &[v2.address]), ("v1", "100%", &[v1.address])]).await;
    let before = v2.requests();
    for _ in 0..200 {
        assert_eq!(client.get("/").await.version(), "v1");
    }
    assert_eq!(v2.requests(), before);
    edge.stop().await;
}

#[tokio::test]
async fn a_cookie_keeps_a_user_and_is_set_once() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let mut by_cookie = options(dir.path());
    by_cookie.sticky = Sticky::Cookie("rip".to_owned());
    let edge = TestEdge::start(by_cookie).await;
    edge.put(1, &[("v2", "50%", &[v2.address]), ("v1", "50%", &[v1.address])]).await;
    let mut client = edge.client().await;
    let mut seen = BTreeSet::new();
    for _ in 0..40 {
        let first = client.get("/").await;
        let set = first.header("set-cookie").to_owned();
        let (pair, attributes) = set.split_once(';').unwrap();
        assert_eq!(attributes, " Path=/; HttpOnly; SameSite=Lax");
        let id = pair.strip_prefix("rip=").unwrap();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        seen.insert(first.version().to_owned());
        for _ in 0..3 {
            let again = client.get_with("/", &[("cookie", &format!("theme=dark; {pair}"))]).await;
            assert_eq!(again.version(), first.version());
            assert!(again.headers.get("set-cookie").is_none());
        }
    }
    assert_eq!(seen.len(), 2, "forty new users met both versions");
    edge.stop().await;
}

#[tokio::test]
async fn one_address_is_one_user() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let mut by_address = options(dir.path());
    by_address.sticky = Sticky::Address;
    let edge = TestEdge::start(by_address).await;
    edge.put(1, &[("v2", "50%", &[v2.address]), ("v1", "50%", &[v1.address])]).await;
    for _ in 0..10 {
        let mut client = edge.client().await;
        client.get("/").await;
        client.get("/").await;
    }
    let mut both = [v1.requests(), v2.requests()];
    both.sort_unstable();
    assert_eq!(both, [0, 20]);
    edge.stop().await;
}

#[tokio::test]
async fn a_tester_gets_a_configured_version_and_nobody_gets_another() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (Upstream::start("v1").await, Upstream::start("v2").await);
    let edge = TestEdge::start(options(dir.path())).await;
    edge.put(1, &[("v2", "0%", &[v2.address]), ("v1", "100%", &[v1.address])]).await;
    let mut client = edge.client().await;
    assert_eq!(client.get_with("/", &[("x-ripcord-version", "v2")]).await.version(), "v2");
    assert_eq!(client.get_with("/", &[("x-ripcord-version", "v3")]).await.version(), "v1");
    let metrics = edge.metrics().await;
    assert!(metrics.contains("ripcord_edge_forced_requests_total{version=\"v2\"} 1\n"), "{metrics}");
    assert!(metrics.contains("ripcord_edge_forced_requests_total{version=\"v1\"} 0\n"), "{metrics}");

    edge.put(2, &[("v1", "100%", &[v1.address])]).await;
    let before = v2.requests();
    assert_eq!(client.get_with("/", &[("x-ripcord-version", "v2")]).await.version(), "v1");
    assert_eq!(v2.requests(), before, "a withdrawn version cannot be forced");
    edge.stop().await;

    let other = tempfile::tempdir().unwrap();
    let mut closed = options(other.path());
    closed.forced_versions = false;
    let edge = TestEdge::start(closed).await;
    edge.put(1, &[("v2", "0%", &[v2.address]), ("v1", "100%", &[v1.address])]).await;
    assert_eq!(edge.client().await.get_with("/", &[("x-ripcord-version", "v2")]).await.version(), "v1");
    edge.stop().await;
}

#[tokio::test]
async fn instances_of_a_version_take_turns() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (Upstream::start("v1").await, Upstream::start("v1").await);
    let edge = TestEdge::start(options(dir.path())).await;
    edge.put(1, &[("v1", "100%", &[a.address, b.address])]).await;
    let mut client = edge.client().await;
    for _ in 0..20 {
        client.get("/").await;
    }
    assert_eq!((a.requests(), b.requests()), (10, 10));
    assert!(a.seen.connections.load(std::sync::atomic::Ordering::SeqCst) <= 2, "connections are kept");
    edge.stop().await;
}

#[tokio::test]
async fn every_answer_is_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let v1 = Upstream::start("v1").await;
    let edge = TestEdge::start(options(dir.path())).await;
    let mut client = edge.client().await;
    client.get("/").await;
    edge.put(5, &[("v1", "100%", &[v1.address])]).await;
    for path in ["/", "/", "/error"] {
        client.get(path).await;
    }
    let metrics = edge.metrics().await;
    for line in [
        "ripcord_edge_requests_total{version=\"v1\",code=\"2xx\"} 2",
        "ripcord_edge_requests_total{version=\"v1\",code=\"5xx\"} 1",
        "ripcord_edge_requests_total{version=\"v1\",code=\"gone\"} 0",
        "ripcord_edge_request_duration_seconds_count{version=\"v1\"} 3",
        "ripcord_edge_request_duration_seconds_bucket{version=\"v1\",le=\"+Inf\"} 3",
        "ripcord_edge_open_requests{version=\"v1\"} 0",
        "ripcord_edge_share_ratio{version=\"v1\"} 1",
        "ripcord_edge_refused_total{reason=\"no-split\"} 1",
        "ripcord_edge_split_generation 5",
        "ripcord_edge_connections 1",
    ] {
        assert!(metrics.contains(&format!("{line}\n")), "{line} is not in\n{metrics}");
    }
    let split = edge.split().await;
    assert_eq!(split["versions"][0]["requests"], 3);
    assert!(split["versions"][0]["last_answer"].is_string(), "{split}");
    edge.stop().await;
}
