//! What a Prometheus server, or what stands in its place, can do wrong.

use std::time::Duration;

use ripcord_adapters::{metrics, port::AdapterError};
use ripcord_model::blueprint::{Measure, MetricsKind};

use crate::{
    exposer::{Exposer, Mode},
    rig::{Rig, binding, ratio, sides, signal},
};

/// A rig whose source is `server`; the arms are never asked themselves.
async fn rig(server: &Exposer) -> Rig {
    let (canary, control) = (Exposer::start().await, Exposer::start().await);
    let url = format!("http://user:hunter2@{}", server.address);
    let source = MetricsKind::Prometheus { url, version_label: "version".to_owned() };
    let metrics = metrics::connect(&binding(source, 300)).unwrap();
    let sides = sides(&[&canary], &[&control]);
    Rig { canary, control, metrics, sides, pause: Duration::from_millis(1), guard: None }
}

fn vector(result: &str) -> String {
    format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{result}]}}}}")
}

#[tokio::test]
async fn a_server_that_does_not_work_is_one_transient_failure_without_its_password() {
    let mut server = Exposer::start().await;
    let mut rig = rig(&server).await;
    let faults = [
        (Mode::Status(500, "boom".to_owned()), "HTTP status 500: boom"),
        (
            Mode::Status(503, r#"{"status":"error","error":"TSDB not ready"}"#.to_owned()),
            "503: TSDB not ready",
        ),
        (Mode::Text("<html>hello</html>".to_owned()), "is not that of a Prometheus server"),
        (Mode::Text(String::new()), "is not that of a Prometheus server"),
        (Mode::Bytes(vec![0xc3, 0x28]), "the answer is not text"),
        (Mode::Hang, "no answer in time"),
    ];
    for (fault, expected) in faults {
        server.set(fault);
        let error = rig.read(&[ratio()]).await.unwrap_err();
        assert!(matches!(error, AdapterError::Transient(_)), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    server.stop().await;
    let error = rig.read(&[ratio()]).await.unwrap_err();
    assert!(error.to_string().contains("connection refused"), "{error}");
}

#[tokio::test]
async fn partial_empty_and_failed_answers_are_silence_with_a_reason() {
    let server = Exposer::start().await;
    let mut rig = rig(&server).await;
    let faults = [
        (vector(""), "canary v2 has no series `submit_total`"),
        (r#"{"status":"error","error":"query timed out"}"#.to_owned(), "the query failed: query timed out"),
        (
            vector("").replace("\"data\"", "\"warnings\":[\"store b is down\"],\"data\""),
            "partial and was not used",
        ),
    ];
    for (body, expected) in faults {
        server.expose(body);
        let reading = rig.read(&[ratio()]).await.unwrap();
        assert_eq!(reading.samples, [None], "{expected}");
        let text = reading.troubles.join("\n");
        assert!(text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn native_histograms_are_refused_by_name() {
    let server = Exposer::start().await;
    let mut rig = rig(&server).await;
    server.expose(vector(r#"{"metric":{"__name__":"latency"},"histograms":[[1.5,{"count":"1"}]]}"#));
    let signals = [signal("p99", Measure::Quantile { histogram: "latency".into(), q: 0.99 })];
    let reading = rig.read(&signals).await.unwrap();
    assert_eq!(reading.samples, [None]);
    assert!(reading.troubles[0].contains("native histogram"), "{:?}", reading.troubles);
}
