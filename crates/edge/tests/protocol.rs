//! What HTTP asks of a proxy: heads, bodies, tunnels, limits, nonsense.

mod support;

use std::{sync::atomic::Ordering, time::Duration};

use hyper::StatusCode;
use support::{TestEdge, eventually, options, upstream::Upstream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

async fn edge_before(v1: &Upstream, dir: &tempfile::TempDir) -> TestEdge {
    let mut strict = options(dir.path());
    strict.limits.request_body_bytes = 100_000;
    strict.limits.head_bytes = 8_192;
    strict.timeouts.response_head = Duration::from_millis(300);
    strict.timeouts.body_idle = Duration::from_millis(300);
    strict.timeouts.client_head = Duration::from_millis(400);
    let edge = TestEdge::start(strict).await;
    assert_eq!(edge.put(1, &[("v1", "100%", &[v1.address])]).await.status, StatusCode::OK);
    edge
}

/// Sends raw bytes and returns everything until the server closes.
async fn raw(edge: &TestEdge, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(edge.listen).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
    let _reset_counts_as_closed = read.expect("the edge closes the connection");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads until `needle` has come.
async fn read_until(stream: &mut TcpStream, needle: &str) -> String {
    let mut got = String::new();
    let mut buffer = [0; 4096];
    while !got.contains(needle) {
        let read = timeout(Duration::from_secs(10), stream.read(&mut buffer)).await.expect(needle).unwrap();
        assert!(read > 0, "closed before {needle:?}: {got:?}");
        got.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    got
}

#[tokio::test]
async fn heads_are_forwarded_without_what_concerns_one_connection() {
    let (dir, v1) = (tempfile::tempdir().unwrap(), Upstream::start("v1").await);
    let edge = edge_before(&v1, &dir).await;
    let headers =
        [("connection", "x-secret"), ("x-secret", "1"), ("keep-alive", "timeout=9"), ("x-kept", "yes")];
    let got = edge.client().await.get_with("/head?a=b%20c", &headers).await;
    let seen = got.text();
    assert!(seen.starts_with("GET /head?a=b%20c\n"), "{seen}");
    for present in [
        "host: exams.test",
        "x-kept: yes",
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-proto: http",
        "x-forwarded-host: exams.test",
    ] {
        assert!(seen.contains(&format!("{present}\n")), "{present} is not in {seen}");
    }
    for absent in ["x-secret", "keep-alive", "connection"] {
        assert!(!seen.contains(absent), "{absent} is in {seen}");
    }
    assert_eq!((got.header("x-end-to-end"), got.header("x-mine"), got.header("connection")), ("1", "", ""));
    assert_eq!(edge.client().await.send("HEAD", "/", &[], "").await.unwrap().body.len(), 0);
    edge.stop().await;
}

#[tokio::test]
async fn a_download_arrives_piece_by_piece() {
    let (dir, v1) = (tempfile::tempdir().unwrap(), Upstream::start("v1").await);
    let edge = edge_before(&v1, &dir).await;
    let mut stream = TcpStream::connect(edge.listen).await.unwrap();
    stream.write_all(b"GET /ticks HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    for tick in 0..3 {
        // The instance sends this piece only after the user has the one before it.
        eventually("the instance waits", async || v1.waiting() == tick + 1).await;
        v1.seen.release.notify_one();
        let end = if tick == 2 { "\r\n0\r\n\r\n" } else { "" };
        read_until(&mut stream, &format!("tick {tick}\n{end}")).await;
    }
    edge.stop().await;
}

#[tokio::test]
async fn an_upload_arrives_piece_by_piece() {
    let (dir, v1) = (tempfile::tempdir().unwrap(), Upstream::start("v1").await);
    let edge = edge_before(&v1, &dir).await;
    let mut stream = TcpStream::connect(edge.listen).await.unwrap();
    stream.write_all(b"POST /count HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
    for piece in 1..=3 {
        stream.write_all(b"5\r\nhello\r\n").await.unwrap();
        eventually("the piece is there", async || v1.seen.received.load(Ordering::SeqCst) == 5 * piece).await;
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n15").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    edge.stop().await;
}

#[tokio::test]
async fn a_client_that_waits_for_100_is_told_to_continue() {
    let (dir, v1) = (tempfile::tempdir().unwrap(), Upstream::start("v1").await);
    let edge = edge_before(&v1, &dir).await;
    let mut stream = TcpStream::connect(edge.listen).await.unwrap();
    let head = b"POST /count HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
    stream.write_all(head).await.unwrap();
    read_until(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n").await;
    stream.write_all(b"hello").await.unwrap();
    read_until(&mut stream, "\r\n\r\n5").await;
    edge.stop().await;
}

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways_and_counts_as_open() {
    let (dir, v1, v2) =
        (tempfile::tempdir().unwrap(), Upstream::start("v1").await, Upstream::start("v2").await);
    let mut short = options(dir.path());
    short.drain = Duration::from_millis(300);
    let edge = TestEdge::start(short).await;
    edge.put(1, &[("v1", "100%", &[v1.address])]).await;
    let mut stream = TcpStream::connect(edge.listen).await.unwrap();
    let head =
        b"GET /ws HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\nupgrade: echo\r\n\r\nearly ";
    stream.write_all(head).await.unwrap();
    let answer = read_until(&mut stream, "EARLY ").await;
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    assert!(answer.contains("upgrade: echo\r\n") && answer.contains("x-ripcord-version: v1\r\n"), "{answer}");
    for word in ["one", "two", "three"] {
        stream.write_all(word.as_bytes()).await.unwrap();
        read_until(&mut stream, &word.to_uppercase()).await;
    }
    assert_eq!(edge.split().await["versions"][0]["open_requests"], 1);
    edge.put(2, &[("v2", "100%", &[v2.address])]).await;
    stream.write_all(b"still").await.unwrap();
    read_until(&mut stream, "STILL").await;
    let cut = timeout(Duration::from_secs(5), stream.read(&mut [0; 16]))
        .await
        .expect("the drain time cuts a tunnel");
    assert!(matches!(cut, Ok(0) | Err(_)));
    eventually("nothing drains", async || edge.split().await["draining"] == serde_json::json!([])).await;
    edge.stop().await;
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused() {
    let (dir, v1) = (tempfile::tempdir().unwrap(), Upstream::start("v1").await);
    let edge = edge_before(&v1, &dir).await;
    let got = edge.client().await.send("POST", "/count", &[], vec![b'x'; 100_000]).await.unwrap();
    assert_eq!((got.status, got.text()), (StatusCode::OK, "100000"));

    let announced = raw(&edge, b"POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: 100001\r\n\r\n").await;
    assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
    assert!(announced.contains("body-too-large"), "{announced}");
    assert_eq!(v1.requests(), 1, "an announced one does not reach the instance");

    let mut chunked = b"POST /count HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..11 {
        chunked.extend_from_slice(b"2710\r\n");
        chunked.extend_from_slice(&[b'x'; 10_000]);
        chunked.extend_from_slice(b"\r\n");
    }
    let grown = raw(&edge, &chunked).await;
    assert!(grown.starts_with("HTTP/1.1 413"), "{grown}");
    edge.stop().await;
}

#[tokio::test]
async fn waiting_ends() {
    let (dir, v1) = (tempfile::tempdir().unwrap(), Upstream::start("v1").await);
    let edge = edge_before(&v1, &dir).await;
    let got = edge.client().await.get("/never").await;
    assert_eq!(
        (got.status, got.json()["code"].as_str()),
        (StatusCode::GATEWAY_TIMEOUT, Some("upstream-timeout"))
    );
    assert_eq!(got.version(), "v1", "an answer on behalf of a version says so");
    let broken = edge.client().await.send("GET", "/stall", &[], "").await;
    assert!(broken.is_err(), "an answer that stops must not look complete");
    let stalled = raw(&edge, b"POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nx").await;
    assert!(stalled.starts_with("HTTP/1.1 408"), "{stalled}");
    let slow_head = raw(&edge, b"GET / HTTP/1.1\r\nho").await;
    assert!(slow_head.is_empty() || slow_head.starts_with("HTTP/1.1 408"), "{slow_head}");
    assert_eq!(raw(&edge, b"").await, "", "an idle connection is closed");
    edge.stop().await;
}

#[tokio::test]
async fn nonsense_is_refused_and_never_forwarded() {
    let (dir, v1) = (tempfile::tempdir().unwrap(), Upstream::start("v1").await);
    let edge = edge_before(&v1, &dir).await;
    let long_head = format!("GET / HTTP/1.1\r\nhost: a\r\nx-long: {}\r\n\r\n", "x".repeat(20_000));
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x-many: 1\r\n".repeat(200));
    for (bytes, status) in [
        ("\x16\x03\x01\x02\x00\x01\x00\x01\x7f\x03\r\n\r\n", "400"),
        ("GET / HTTP/9.9\r\nhost: a\r\n\r\n", "400"),
        ("GET /a b HTTP/1.1\r\nhost: a\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nhost: a\r\nbad header: x\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, gzip\r\n\r\n", "400"),
        ("POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n", "400"),
        ("CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n", "405"),
        (&long_head, "431"),
        (&many, "431"),
    ] {
        let got = raw(&edge, bytes.as_bytes()).await;
        assert!(got.starts_with(&format!("HTTP/1.1 {status}")), "{bytes:.60?}: {got:?}");
    }
    assert_eq!(v1.requests(), 0);
    // Both framings: one request, and what follows its chunks is not read by the instance as another one.
    let smuggled = "POST /head HTTP/1.1\r\nhost: a\r\ncontent-length: 60\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n\
                    GET /second HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let got = raw(&edge, smuggled.as_bytes()).await;
    assert!(!got.contains("content-length: 60"), "{got}");
    assert_eq!(got.matches("x-ripcord-version: v1").count() as u64, v1.requests(), "{got}");
    assert_eq!(raw(&edge, b"GET http://real/head HTTP/1.0\r\n\r\n").await.matches("host: real\n").count(), 2);
    edge.stop().await;
}
