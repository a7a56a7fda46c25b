//! What signals were before, from the stored samples of a real Prometheus server.

use std::time::Duration;

use ripcord_adapters::{
    metrics,
    port::{AdapterError, Measured, Past, Stretch},
};
use ripcord_model::{
    Duration as Length, Timestamp,
    blueprint::{Measure, Signal},
};

use crate::{
    exposer::{Exposer, Mode},
    rig::{Rig, against_baseline, binding, counts, now, ratio, scraping, sides, signal},
    server::{Server, source},
};

fn body(ok: u64, error: u64, lag: u64) -> String {
    let all = ok + error;
    format!(
        "submit_total{{outcome=\"ok\"}} {ok}\nsubmit_total{{outcome=\"error\"}} {error}\ncrashes_total {error}\n\
         latency_bucket{{le=\"1\"}} {ok}\nlatency_bucket{{le=\"2\"}} {all}\nlatency_bucket{{le=\"+Inf\"}} {all}\n\
         lag {lag}\n"
    )
}

fn signals() -> Vec<Signal> {
    let success =
        Measure::Success { good: "submit_total{outcome=\"ok\"}".into(), all: "submit_total".into() };
    let mistaken =
        Measure::Success { good: "submit_total{outcome=\"OK\"}".into(), all: "submit_total".into() };
    let ghosts = Measure::Ratio { bad: "ghosts_total{x=\"y\"}".into(), all: "ghosts_total".into() };
    [
        ratio(),
        signal("success", success),
        signal("crashes", Measure::Count { counter: "crashes_total".into(), per: None }),
        signal("p95", Measure::Quantile { histogram: "latency".into(), q: 0.95 }),
        signal("lag", Measure::Gauge { gauge: "lag".into() }),
        signal("ghosts", ghosts),
        signal("mistaken", mistaken),
    ]
    .map(against_baseline)
    .to_vec()
}

async fn past(rig: &mut Rig, until: Timestamp, seconds: u64) -> (Vec<Option<Measured>>, Vec<String>) {
    let stretch = Stretch { until, length: Length::from_secs(seconds) };
    let version = rig.sides.control.0.clone();
    match rig.metrics.past(&signals(), &version, stretch).await.unwrap() {
        Past::Known { measured, troubles } => (measured, troubles),
        Past::Forgotten => panic!("Prometheus keeps the past"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_stretch_is_measured_from_raw_samples_across_a_restart() {
    let (canary, control) = (Exposer::start().await, Exposer::start().await);
    let server = Server::start(&[("v2", canary.address), ("v1", control.address)], &[]).await;
    let metrics = metrics::connect(&binding(source(server.address), 2_000)).unwrap();
    let sides = sides(&[&canary], &[&control]);
    let pause = Duration::from_millis(100);
    let mut rig = Rig { canary, control, metrics, sides, pause, guard: Some(Box::new(server)) };
    rig.canary.expose(body(0, 0, 9));
    rig.control.expose(body(1_000, 50, 3));
    rig.baseline(&[ratio()]).await;
    rig.control.expose(body(1_090, 60, 3));
    rig.gather(&[ratio()], counts((0, 0), (100, 10))).await;
    // A restart, counted from zero: 50 more, 5 of them bad.
    rig.control.expose(body(45, 5, 3));
    rig.gather(&[ratio()], counts((0, 0), (50, 5))).await;

    let (few, troubles) = past(&mut rig, now(), 5).await;
    assert!(few.iter().all(Option::is_none), "{few:?}");
    let expected = "signal errors: v1 has no past of 5s:";
    assert!(
        troubles.iter().any(|text| text.starts_with(expected) && text.contains("10 are needed")),
        "{troubles:?}"
    );

    let end = std::time::SystemTime::now() + crate::rig::DEADLINE;
    let (measured, troubles) = loop {
        let (measured, troubles) = past(&mut rig, now(), 1_000).await;
        if measured[0].is_some() {
            break (measured, troubles);
        }
        assert!(std::time::SystemTime::now() < end, "{troubles:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let value = |index: usize| measured[index].map(|measured| measured.value);
    assert_eq!(measured[0], Some(Measured { value: 0.1, weight: 150.0 }), "bad per event");
    assert_eq!(value(1), Some(0.9), "good per event");
    assert_eq!(value(2), Some(0.1), "crashes per request");
    assert!((value(3).unwrap() - 1.5).abs() < 1e-9, "half-way through the second bucket: {measured:?}");
    assert_eq!(value(4), Some(3.0), "the mean of last good alone");
    assert_eq!(value(5), None);
    assert!(troubles.iter().any(|text| text.starts_with("signal ghosts: v1 has no past")), "{troubles:?}");

    assert_eq!(value(6), None);
    let expected =
        "signal mistaken: v1 has no past of 16m40s: nothing was good, or the selector of the good ones is";
    assert!(troubles.iter().any(|text| text.starts_with(expected)), "{troubles:?}");

    let (long_ago, _) = past(&mut rig, now().minus(Length::from_mins(600)), 1_000).await;
    assert!(long_ago.iter().all(Option::is_none), "{long_ago:?}");

    rig.guard = None;
    let stretch = Stretch { until: now(), length: Length::from_secs(60) };
    let version = rig.sides.control.0.clone();
    let error = rig.metrics.past(&signals(), &version, stretch).await.unwrap_err();
    assert!(
        matches!(&error, AdapterError::Transient(text) if text.contains("connection refused")),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_instance_that_is_asked_directly_has_no_past() {
    let mut rig = scraping().await;
    let stretch = Stretch { until: now(), length: Length::from_secs(60) };
    let version = rig.sides.control.0.clone();
    assert_eq!(rig.metrics.past(&signals(), &version, stretch).await, Ok(Past::Forgotten));
}

/// Samples of a matrix, one per second from `from_s`.
fn series(labels: &str, from_s: i64, values: &[f64]) -> String {
    let values: Vec<String> =
        (from_s..).zip(values).map(|(second, value)| format!("[{second},\"{value}\"]")).collect();
    format!("{{\"metric\":{{{labels}}},\"values\":[{}]}}", values.join(","))
}

#[tokio::test]
async fn a_past_with_renamed_labels_partial_answers_or_none_is_what_is_known_of_it() {
    let server = Exposer::start().await;
    let source = ripcord_model::blueprint::MetricsKind::Prometheus {
        url: format!("http://{}", server.address),
        version_label: "version".to_owned(),
    };
    let mut metrics = metrics::connect(&binding(source, 500)).unwrap();
    let stretch = Stretch { until: Timestamp::from_ms(100_000), length: Length::from_secs(60) };
    let version = scraping().await.sides.control.0;
    let lone = [against_baseline(signal(
        "ops",
        Measure::Count { counter: "ops_total".into(), per: Some("ops_total".into()) },
    ))];
    let answer = |series: &[String]| {
        let series = series.join(",");
        format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{series}]}}}}")
    };
    // Half-way the name of the zone changes: 5,000 events of the new name happened nobody knows when.
    let old = series("\"__name__\":\"ops_total\",\"zone\":\"a\"", 50, &[10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
    let new = series(
        "\"__name__\":\"ops_total\",\"zone\":\"b\"",
        56,
        &[5_000.0, 5_010.0, 5_020.0, 5_030.0, 5_040.0],
    );
    server.expose(answer(&[old, new]));
    let Past::Known { measured, .. } = metrics.past(&lone, &version, stretch).await.unwrap() else {
        panic!()
    };
    assert_eq!(measured, [Some(Measured { value: 1.0, weight: 90.0 })]);

    let per_nothing =
        against_baseline(signal("ops", Measure::Count { counter: "ops_total".into(), per: None }));
    let Past::Known { measured, troubles } = metrics.past(&[per_nothing], &version, stretch).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(measured, [None]);
    assert!(troubles[0].ends_with("name what it is counted `per`"), "{troubles:?}");

    let partial = answer(&[]).replace("\"data\"", "\"warnings\":[\"store b is down\"],\"data\"");
    server.expose(partial);
    let Past::Known { measured, troubles } = metrics.past(&lone, &version, stretch).await.unwrap() else {
        panic!()
    };
    assert_eq!(measured, [None]);
    assert!(troubles[0].contains("partial and was not used"), "{troubles:?}");

    for fault in [Mode::Hang, Mode::Status(500, "boom".to_owned()), Mode::Text("<html>".to_owned())] {
        server.set(fault);
        let error = metrics.past(&lone, &version, stretch).await.unwrap_err();
        assert!(matches!(error, AdapterError::Transient(_)), "{error:?}");
    }
}
