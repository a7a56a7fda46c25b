//! Instances asked directly.

use ripcord_adapters::{metrics, port::AdapterError};
use ripcord_engine::{Arms, Sample};
use ripcord_model::blueprint::{Measure, MetricsKind};

use crate::{
    exposer::{Exposer, Mode},
    rig::{binding, counts, ratio, scraping, sides, signal},
    suite,
};

fn text(ok: u64, error: u64) -> String {
    format!("submit_total{{outcome=\"ok\"}} {ok}\nsubmit_total{{outcome=\"error\"}} {error}\n")
}

#[tokio::test]
async fn scraping_conforms() {
    suite::conforms(&mut scraping().await).await;
}

#[tokio::test]
async fn every_fault_of_the_canary_is_silence_with_a_reason_and_the_gap_is_covered_after() {
    let mut rig = scraping().await;
    let signals = [ratio()];
    rig.canary.expose(text(10, 0));
    rig.control.expose(text(10, 0));
    rig.baseline(&signals).await;
    let faults = [
        (Mode::Status(500, "boom\n".to_owned()), "HTTP status 500: boom"),
        (Mode::Text("<html>\n".to_owned()), "no metrics text: line 1: expected a metric name"),
        (Mode::Bytes(vec![0xff, 0xfe]), "the answer is not text"),
        (Mode::Bytes(vec![b'\n'; 17 * 1024 * 1024]), "larger than 16 MiB"),
        (Mode::Hang, "no answer in time"),
    ];
    for (fault, reason) in faults {
        rig.canary.set(fault);
        let reading = rig.read(&signals).await.unwrap();
        assert_eq!(reading.samples, [None], "{reason}");
        assert_eq!(reading.requests.canary, 0);
        assert!(reading.troubles[0].starts_with("canary v2 at 127.0.0.1:"), "{:?}", reading.troubles);
        assert!(reading.troubles[0].contains(reason), "{:?}", reading.troubles);
    }
    rig.canary.stop().await;
    let reading = rig.read(&signals).await.unwrap();
    assert!(reading.troubles[0].contains("connection refused"), "{:?}", reading.troubles);
    rig.canary.expose(text(30, 4));
    rig.control.expose(text(110, 0));
    rig.canary.restart().await;
    rig.gather(&signals, counts((24, 4), (100, 0))).await;
}

#[tokio::test]
async fn one_failing_instance_leaves_the_others_and_a_new_one_begins_with_a_first_reading() {
    let mut rig = scraping().await;
    let signals = [ratio()];
    let second = Exposer::start().await;
    rig.sides = sides(&[&rig.canary, &second], &[&rig.control]);
    rig.canary.expose(text(10, 0));
    rig.control.expose(text(10, 0));
    second.set(Mode::Status(500, String::new()));
    rig.baseline(&signals).await;
    rig.canary.expose(text(20, 1));
    let reading = rig.read(&signals).await.unwrap();
    assert_eq!(reading.samples[0], Some(Sample::Counts(counts((11, 1), (0, 0)))));
    assert!(reading.troubles[0].contains("HTTP status 500"), "{:?}", reading.troubles);

    second.expose(text(7_000, 0));
    let reading = rig.read(&signals).await.unwrap();
    assert_eq!(reading.samples[0], Some(Sample::Counts(counts((0, 0), (0, 0)))), "a first reading");
    second.expose(text(7_005, 0));
    rig.gather(&signals, counts((5, 0), (0, 0))).await;

    // The first instance is replaced by nothing: what remains is still counted.
    rig.sides = sides(&[&second], &[&rig.control]);
    second.expose(text(7_006, 0));
    rig.gather(&signals, counts((1, 0), (0, 0))).await;
}

#[tokio::test]
async fn a_silent_control_leaves_the_canary_to_its_own_limits() {
    let mut rig = scraping().await;
    let signals = [ratio()];
    rig.canary.expose(text(10, 0));
    rig.control.expose(text(10, 0));
    rig.baseline(&signals).await;
    rig.control.stop().await;
    rig.canary.expose(text(15, 5));
    let reading = rig.read(&signals).await.unwrap();
    assert_eq!(reading.samples[0], Some(Sample::Counts(counts((10, 5), (0, 0)))));
    assert!(reading.troubles.iter().any(|trouble| trouble.contains("is silent")), "{:?}", reading.troubles);

    rig.sides = sides(&[&rig.canary], &[]);
    rig.canary.expose(text(16, 5));
    let reading = rig.read(&signals).await.unwrap();
    assert_eq!(reading.samples[0], Some(Sample::Counts(counts((1, 0), (0, 0)))), "no control is no trouble");
}

#[tokio::test]
async fn more_bad_events_than_events_are_cut_and_reported() {
    let mut rig = scraping().await;
    let signals = [signal("odd", Measure::Ratio { bad: "bad_total".into(), all: "all_total".into() })];
    rig.canary.expose("bad_total 0\nall_total 0\n");
    rig.control.expose("bad_total 0\nall_total 0\n");
    rig.baseline(&signals).await;
    rig.canary.expose("bad_total 9\nall_total 4\n");
    let reading = rig.read(&signals).await.unwrap();
    assert_eq!(reading.samples[0], Some(Sample::Counts(counts((4, 4), (0, 0)))));
    assert!(reading.troubles[0].contains("9 bad events among 4 on the canary"), "{:?}", reading.troubles);
}

#[tokio::test]
async fn patterns_match_when_simple_and_are_refused_for_that_signal_alone_when_not() {
    let mut rig = scraping().await;
    let by = |pattern: &str| {
        let bad = format!("http_total{{code=~\"{pattern}\"}}");
        signal("errors", Measure::Ratio { bad, all: "http_total".into() })
    };
    let signals = [by("5.."), by("[45]..")];
    let body =
        |ok: u64, bad: u64| format!("http_total{{code=\"200\"}} {ok}\nhttp_total{{code=\"503\"}} {bad}\n");
    rig.canary.expose(body(1, 1));
    rig.control.expose(body(1, 1));
    rig.baseline(&signals).await;
    rig.canary.expose(body(2, 4));
    let reading = rig.read(&signals).await.unwrap();
    assert_eq!(reading.samples, [Some(Sample::Counts(counts((4, 3), (0, 0)))), None]);
    assert!(
        reading.troubles[0].contains("`[45]..` cannot be matched without Prometheus"),
        "{:?}",
        reading.troubles
    );
    assert_eq!(reading.requests, Arms { canary: 4, control: 0 });
}

#[tokio::test]
async fn a_path_that_is_none_is_refused_at_once() {
    let source = MetricsKind::Scrape { path: "metrics".to_owned() };
    assert!(matches!(metrics::connect(&binding(source, 100)), Err(AdapterError::Permanent(_))));
}

#[tokio::test]
async fn one_version_on_both_sides_speaks_on_both() {
    let mut rig = scraping().await;
    let signals = [ratio()];
    rig.sides = sides(&[&rig.control], &[&rig.control]);
    rig.sides.canary.0 = rig.sides.control.0.clone();
    rig.control.expose(text(10, 0));
    rig.baseline(&signals).await;
    rig.control.expose(text(29, 1));
    rig.gather(&signals, counts((20, 1), (20, 1))).await;
}

#[tokio::test]
async fn a_control_without_a_candidate_is_still_heard() {
    let mut rig = scraping().await;
    let signals = [ratio()];
    rig.canary.expose(text(10, 0));
    rig.control.expose(text(10, 0));
    rig.baseline(&signals).await;
    rig.sides.canary.1.clear();
    rig.control.expose(text(29, 1));
    rig.gather(&signals, counts((0, 0), (20, 1))).await;
}
