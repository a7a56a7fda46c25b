//! What the users see and remember, over real sockets.

use std::time::Duration;

use crate::common::{Running, ask, start};
use exam_service::{
    load::{LoadError, LoadHandle, LoadOptions, run},
    service::{Faults, Options},
};
use tokio::time::{sleep, timeout};

fn load_on(service: &Running, rate_per_second: f64) -> LoadHandle {
    let target = format!("http://{}", service.address);
    run(LoadOptions { rate_per_second, connections: 8, ..LoadOptions::new(target) }).expect("valid options")
}

async fn until(load: &LoadHandle, what: &str, is_so: impl Fn(&LoadHandle) -> bool) {
    let waiting = async {
        while !is_so(load) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = timeout(Duration::from_secs(10), waiting).await;
    assert!(waited.is_ok(), "not within 10 s: {what}: {:?}", load.report());
}

#[tokio::test]
async fn a_healthy_service_leaves_no_bad_answer_and_gets_the_rate_it_was_promised() {
    let service = start(Options::healthy("v1")).await;
    let target = service.address.to_string();
    let options = LoadOptions {
        rate_per_second: 400.0,
        duration: Some(Duration::from_secs(1)),
        ..LoadOptions::new(target)
    };
    let report = run(options).unwrap().finished().await;
    assert_eq!((report.responses, report.bad, report.failed), (400, 0, 0), "{report:?}");
    assert_eq!(report.versions["v1"].responses, 400);
    assert!(report.last_bad_at_us.is_none());
    let (_, metrics) = ask(service.address, "GET", "/metrics", "").await;
    assert!(metrics.contains("exam_submit_total{outcome=\"ok\"} 360"), "one in ten reads: {metrics}");
}

#[tokio::test]
async fn harm_and_recovery_are_dated() {
    let service = start(Options::healthy("v2")).await;
    let load = load_on(&service, 300.0);
    until(&load, "20 answers", |load| load.report().responses > 20).await;
    let before_us = load.now_us();
    ask(service.address, "PUT", "/faults", r#"{"error-rate":1}"#).await;
    until(&load, "10 bad answers", |load| load.report().bad > 10).await;
    ask(service.address, "PUT", "/faults", "{}").await;
    let healed_us = load.now_us();
    // An answer that was under way may still be bad; 100 ms later none is.
    until(&load, "recovery", |load| load.now_us() > healed_us + 100_000).await;
    assert_eq!(load.bad_since(healed_us + 100_000), 0);
    let report = load.stop().await;
    assert!(report.first_bad_at_us.unwrap() >= before_us);
    assert!(report.last_bad_at_us.unwrap() < healed_us + 100_000);
    assert_eq!(report.failed, 0);
}

#[tokio::test]
async fn hanging_answers_and_a_dead_target_are_failures_and_do_not_stop_the_load() {
    let faults = Faults { hang_rate: 0.05, ..Faults::default() };
    let service = start(Options { faults, ..Options::healthy("v2") }).await;
    let options = LoadOptions {
        timeout: Duration::from_millis(200),
        rate_per_second: 300.0,
        ..LoadOptions::new(service.address.to_string())
    };
    let load = run(options).unwrap();
    until(&load, "a time-out", |load| load.report().failed > 2).await;
    assert_eq!(load.report().last_failure.as_deref(), Some("no answer in time"));
    let Running { ended, stop, .. } = service;
    drop(stop);
    until(&load, "a refused connection", |load| {
        load.report().last_failure.is_some_and(|why| why.contains("cannot connect"))
    })
    .await;
    ended.abort();
    let answered = load.report().responses;
    assert!(answered > 20, "{answered}");
    assert!(load.stop().await.versions.contains_key("v2"));
}

#[tokio::test]
async fn a_slow_service_is_not_spared_by_its_own_slowness() {
    let faults = Faults { latency_ms: 50, ..Faults::default() };
    let service = start(Options { faults, ..Options::healthy("v2") }).await;
    // 2 connections can do 40 requests per second; 200 are due.
    let options = LoadOptions {
        rate_per_second: 200.0,
        connections: 2,
        duration: Some(Duration::from_millis(500)),
        ..LoadOptions::new(service.address.to_string())
    };
    let report = run(options).unwrap().finished().await;
    assert_eq!(report.responses, 100);
    assert!(report.latency.p99_us > 1_000_000, "the queue counts: {report:?}");
}

#[tokio::test]
async fn impossible_loads_are_refused() {
    let refused = |change: fn(&mut LoadOptions)| {
        let mut options = LoadOptions::new("127.0.0.1:1");
        change(&mut options);
        run(options).err()
    };
    assert_eq!(refused(|it| it.rate_per_second = 0.0), Some(LoadError::Rate(0.0)));
    assert_eq!(refused(|it| it.connections = 0), Some(LoadError::Connections(0)));
    assert_eq!(refused(|it| it.users = 0), Some(LoadError::Users));
    assert!(matches!(refused(|it| it.target = "ftp://x".into()), Some(LoadError::Target(_))));
}
