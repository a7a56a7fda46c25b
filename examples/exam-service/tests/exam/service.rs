//! What the service answers, healthy and faulty, over real sockets.

use std::time::Duration;

use crate::common::{GOOD, ask, start};
use exam_service::service::{Ended, Faults, Options};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

fn faulty(faults: Faults) -> Options {
    Options { faults, ..Options::healthy("v2") }
}

#[tokio::test]
async fn a_healthy_version_answers_every_route_and_names_itself() {
    let service = start(Options::healthy("v1")).await;
    for (method, path, body, expected_status, expected_text) in [
        ("POST", "/submit", GOOD, 200, r#""version":"v1""#),
        ("GET", "/exam", "", 200, "questions"),
        ("GET", "/healthz/live", "", 200, "live"),
        ("GET", "/healthz/ready", "", 200, "ready"),
        ("GET", "/metrics", "", 200, "exam_requests_total 2"),
        ("GET", "/faults", "", 200, r#""error-rate":0.0"#),
        ("POST", "/submit", "{", 400, "expected"),
        ("POST", "/submit", r#"{"answers":7}"#, 400, "expected"),
        ("GET", "/submit", "", 405, "method"),
        ("GET", "/nothing", "", 404, "/nothing"),
    ] {
        let (status, answer) = ask(service.address, method, path, body).await;
        assert_eq!(status, expected_status, "{method} {path} {body}: {answer}");
        assert!(answer.contains(expected_text), "{method} {path} {body}: {answer}");
        assert!(answer.contains("x-exam-version: v1"), "{method} {path}: {answer}");
    }
}

#[tokio::test]
async fn an_oversized_body_is_refused_and_counts_as_no_error() {
    let service = start(Options::healthy("v1")).await;
    let (status, _) = ask(service.address, "POST", "/submit", &" ".repeat(70_000)).await;
    assert_eq!(status, 413);
    let (_, metrics) = ask(service.address, "GET", "/metrics", "").await;
    assert!(metrics.contains("exam_submit_total{outcome=\"error\"} 0"), "{metrics}");
}

#[tokio::test]
async fn faults_are_switched_while_it_runs_and_nonsense_changes_nothing() {
    let service = start(Options::healthy("v2")).await;
    let (status, _) = ask(service.address, "PUT", "/faults", r#"{"error-rate":1,"not-ready":true}"#).await;
    assert_eq!(status, 200);
    for nonsense in [r#"{"error-rate":2}"#, r#"{"errors":1}"#, "null"] {
        let (status, answer) = ask(service.address, "PUT", "/faults", nonsense).await;
        assert_eq!(status, 400, "{nonsense}: {answer}");
    }
    assert_eq!(ask(service.address, "POST", "/submit", GOOD).await.0, 500);
    assert_eq!(ask(service.address, "GET", "/healthz/ready", "").await.0, 503);
    assert_eq!(ask(service.address, "GET", "/healthz/live", "").await.0, 200);
    let (_, metrics) = ask(service.address, "GET", "/metrics", "").await;
    assert!(metrics.contains("exam_submit_total{outcome=\"error\"} 1"), "{metrics}");
}

#[tokio::test]
async fn the_same_seed_fails_the_same_submissions() {
    let mut rows = Vec::new();
    for _ in 0..2 {
        let service = start(faulty(Faults { error_rate: 0.3, ..Faults::default() })).await;
        let mut row = Vec::new();
        for _ in 0..60 {
            row.push(ask(service.address, "POST", "/submit", GOOD).await.0);
        }
        rows.push(row);
    }
    assert_eq!(rows[0], rows[1]);
    let errors = rows[0].iter().filter(|status| **status == 500).count();
    assert!((6..=32).contains(&errors), "{errors} of 60 at 30 %");
}

#[tokio::test]
async fn errors_can_begin_after_some_requests() {
    let faults = Faults { error_rate: 1.0, error_after_requests: 5, ..Faults::default() };
    let service = start(faulty(faults)).await;
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(ask(service.address, "POST", "/submit", GOOD).await.0);
    }
    let first_bad = statuses.iter().position(|status| *status == 500).expect("errors begin");
    assert!((4..=6).contains(&first_bad), "{statuses:?}");
    assert!(statuses[first_bad..].iter().all(|status| *status == 500), "{statuses:?}");
}

#[tokio::test]
async fn the_flag_decides_for_every_request_whether_the_faulty_path_runs() {
    let directory = tempfile::tempdir().unwrap();
    let flag = directory.path().join("flag");
    let faults = Faults { error_rate: 1.0, ..Faults::default() };
    let service = start(Options { flag_file: Some(flag.clone()), ..faulty(faults) }).await;
    for (content, expected) in [("on\n", 500), ("off\n", 200), ("on", 500)] {
        std::fs::write(&flag, content).unwrap();
        assert_eq!(ask(service.address, "POST", "/submit", GOOD).await.0, expected, "{content:?}");
    }
}

#[tokio::test]
async fn latency_and_leak_show_in_the_metrics() {
    let faults = Faults { latency_ms: 30, jitter_ms: 10, leak_bytes: 1 << 20, ..Faults::default() };
    let service = start(Options { label_version: true, ..faulty(faults) }).await;
    let memory = |page: &str| -> u64 {
        let line =
            page.lines().find(|line| line.starts_with("exam_memory_bytes{")).expect("a gauge with a label");
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    let before = memory(&ask(service.address, "GET", "/metrics", "").await.1);
    for _ in 0..32 {
        ask(service.address, "POST", "/submit", GOOD).await;
    }
    let page = ask(service.address, "GET", "/metrics", "").await.1;
    assert!(page.contains("http_request_duration_seconds_bucket{le=\"0.025\",version=\"v2\"} 0"), "{page}");
    assert!(page.contains("http_request_duration_seconds_count{version=\"v2\"} 32"), "{page}");
    let grown = memory(&page).saturating_sub(before);
    assert!(grown > 24 << 20, "32 MiB leaked, memory grew by {grown} bytes");
}

#[tokio::test]
async fn a_crash_at_the_third_request_tears_it() {
    let service = start(faulty(Faults { crash_after_requests: Some(2), ..Faults::default() })).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(service.address, "POST", "/submit", GOOD).await.0);
    }
    assert_eq!(statuses, [200, 200, 0]);
    assert_eq!(timeout(Duration::from_secs(5), service.ended).await.unwrap().unwrap(), Ended::Crashed);
}

#[tokio::test]
async fn a_crash_by_the_clock_needs_no_request() {
    let service = start(faulty(Faults { crash_after_s: Some(0.1), ..Faults::default() })).await;
    assert_eq!(timeout(Duration::from_secs(5), service.ended).await.unwrap().unwrap(), Ended::Crashed);
}

#[tokio::test]
async fn a_stop_lets_a_slow_request_end_and_tears_a_hanging_one() {
    let slow = start(faulty(Faults { latency_ms: 200, ..Faults::default() })).await;
    let address = slow.address;
    let open = tokio::spawn(async move { ask(address, "POST", "/submit", GOOD).await.0 });
    wait_for_requests(address, 1).await;
    drop(slow.stop);
    assert_eq!(open.await.unwrap(), 200);
    assert_eq!(slow.ended.await.unwrap(), Ended::Stopped);

    let faults = Faults { hang_rate: 1.0, ..Faults::default() };
    let hanging = start(Options { drain: Duration::from_millis(100), ..faulty(faults) }).await;
    let address = hanging.address;
    let open = tokio::spawn(async move { ask(address, "POST", "/submit", GOOD).await.0 });
    wait_for_requests(address, 1).await;
    drop(hanging.stop);
    assert_eq!(timeout(Duration::from_secs(5), open).await.unwrap().unwrap(), 0);
    assert_eq!(hanging.ended.await.unwrap(), Ended::Stopped);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_idle_connections() {
    let service = start(Options { drain: Duration::from_secs(60), ..Options::healthy("v1") }).await;
    let mut idle = tokio::net::TcpStream::connect(service.address).await.unwrap();
    idle.write_all(b"GET /exam HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut some = [0; 16];
    assert!(idle.read(&mut some).await.unwrap() > 0, "answered, and kept open");
    drop(service.stop);
    assert_eq!(timeout(Duration::from_secs(5), service.ended).await.unwrap().unwrap(), Ended::Stopped);
}

async fn wait_for_requests(address: std::net::SocketAddr, count: u64) {
    let line = format!("exam_requests_total {count}");
    let seen = async { while !ask(address, "GET", "/metrics", "").await.1.contains(&line) {} };
    timeout(Duration::from_secs(5), seen).await.expect("the request arrives");
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_with_its_reason() {
    let taken = start(Options::healthy("v1")).await;
    let options = Options { port: taken.address.port(), ..Options::healthy("v1") };
    let shutdown = tokio_util::sync::CancellationToken::new();
    let error = exam_service::service::run(options, shutdown.clone()).await.unwrap_err().to_string();
    assert!(error.contains("cannot listen on 127.0.0.1"), "{error}");
    let error = exam_service::service::run(Options::healthy("v\n2"), shutdown).await.unwrap_err().to_string();
    assert!(error.contains("printable"), "{error}");
}
