//! What every source of numbers must do.

use ripcord_engine::{Arms, Histogram, Sample};
use ripcord_model::blueprint::Measure;

use crate::rig::{Rig, counts, ratio, signal};

fn submits(ok: u64, error: u64) -> String {
    format!(
        "# TYPE submit_total counter\nsubmit_total{{outcome=\"ok\"}} {ok}\nsubmit_total{{outcome=\"error\"}} {error}\n"
    )
}

/// Everything, one after the other on one rig.
pub async fn conforms(rig: &mut Rig) {
    ratios_are_differences_on_both_arms(rig).await;
    a_restart_counts_from_zero(rig).await;
    an_error_counter_that_appears_counts_its_first_errors(rig).await;
    renamed_labels_are_not_events(rig).await;
    events_gauges_and_quantiles_have_values(rig).await;
    what_is_not_exposed_has_no_sample_and_a_reason(rig).await;
    a_dead_control_does_not_hide_the_canary(rig).await;
}

async fn ratios_are_differences_on_both_arms(rig: &mut Rig) {
    rig.canary.expose(submits(1_000, 50));
    rig.control.expose(submits(9_000, 70));
    let signals = [ratio()];
    let first = rig.until(&signals, |reading| Some(reading.clone())).await;
    assert_eq!(first.samples, [None], "the first reading of a counter gives no sample");
    rig.baseline(&signals).await;
    rig.canary.expose(submits(1_010, 53));
    rig.control.expose(submits(9_100, 71));
    rig.gather(&signals, counts((13, 3), (101, 1))).await;
}

async fn a_restart_counts_from_zero(rig: &mut Rig) {
    rig.canary.expose(submits(4, 2));
    rig.control.expose(submits(9_200, 71));
    rig.gather(&[ratio()], counts((6, 2), (100, 0))).await;
}

async fn an_error_counter_that_appears_counts_its_first_errors(rig: &mut Rig) {
    let ask = [signal(
        "timeouts",
        Measure::Ratio { bad: "call_total{kind=\"timeout\"}".into(), all: "call_total".into() },
    )];
    let only_ok = |ok: u64| format!("call_total{{kind=\"ok\"}} {ok}\n");
    rig.canary.expose(only_ok(10));
    rig.control.expose(only_ok(10));
    rig.baseline(&ask).await;
    rig.canary.expose(only_ok(20) + "call_total{kind=\"timeout\"} 5\n");
    rig.gather(&ask, counts((15, 5), (0, 0))).await;
}

async fn renamed_labels_are_not_events(rig: &mut Rig) {
    let ask = [ratio()];
    rig.canary.expose(submits(5_000, 10));
    rig.control.expose(submits(5_000, 10));
    rig.baseline(&ask).await;
    let renamed = |ok: u64, error: u64| submits(ok, error).replace("{outcome", "{zone=\"b\",outcome");
    let (mut happened, mut canary, mut control) = (0, 0, 0);
    while canary == 0 || control == 0 {
        happened += 1;
        rig.canary.expose(renamed(5_000 + happened, 10));
        rig.control.expose(renamed(5_000 + happened, 10));
        let reading = rig.until(&ask, |reading| Some(reading.clone())).await;
        if let Some(Sample::Counts(counts)) = reading.samples[0] {
            (canary, control) = (canary + counts.canary.n, control + counts.control.n);
        }
        assert!(canary <= happened && control <= happened, "{canary} and {control} of {happened}");
        assert!(happened < 500, "the new names are never counted");
        tokio::time::sleep(rig.pause).await;
    }
}

async fn events_gauges_and_quantiles_have_values(rig: &mut Rig) {
    let body = |tickets: u64, lag: &str, fast: u64, all: u64| {
        format!(
            "tickets_total {tickets}\nqueue_lag {lag}\n\
             latency_bucket{{le=\"0.1\"}} {fast}\nlatency_bucket{{le=\"0.5\"}} {all}\nlatency_bucket{{le=\"+Inf\"}} {all}\n\
             latency_sum 1\nlatency_count {all}\n"
        )
    };
    let signals = [
        signal("tickets", Measure::Count { counter: "tickets_total".into(), per: None }),
        signal("lag", Measure::Gauge { gauge: "queue_lag".into() }),
        signal("p50", Measure::Quantile { histogram: "latency".into(), q: 0.5 }),
    ];
    rig.canary.expose(body(5, "2.5", 100, 100));
    rig.control.expose(body(7, "NaN", 100, 100));
    rig.baseline(&signals).await;
    rig.canary.expose(body(8, "3.5", 100, 200));
    rig.control.expose(body(9, "NaN", 150, 150));
    let (mut events, mut requests, mut buckets) = ((0.0, 0.0), (0, 0), Arms::default());
    rig.until(&signals, |reading| {
        if let Some(Sample::Events(arms)) = reading.samples[0] {
            events = (events.0 + arms.canary, events.1 + arms.control);
        }
        requests = (requests.0 + reading.requests.canary, requests.1 + reading.requests.control);
        let lag = reading.samples[1] == Some(Sample::Values(Arms { canary: Some(3.5), control: None }));
        let quantiles = match reading.samples[2] {
            Some(Sample::Histogram(ref histogram)) => {
                assert_eq!(histogram.bounds, [0.1, 0.5]);
                buckets = add_up(&buckets, histogram);
                (histogram.values.canary?, histogram.values.control?)
            }
            _ => return None,
        };
        let near = |value: f64, expected: f64| (value - expected).abs() < 1e-9;
        let counted = buckets == Arms { canary: vec![0, 100, 0], control: vec![50, 0, 0] };
        let all = events == (3.0, 2.0) && lag && counted && near(quantiles.0, 0.3) && near(quantiles.1, 0.05);
        (all && requests == (100, 50)).then_some(())
    })
    .await;
}

fn add_up(sums: &Arms<Vec<u64>>, histogram: &Histogram) -> Arms<Vec<u64>> {
    let add = |sums: &[u64], counts: &[u64]| -> Vec<u64> {
        counts.iter().enumerate().map(|(at, count)| sums.get(at).unwrap_or(&0) + count).collect()
    };
    let Arms { canary, control } = &histogram.counts;
    Arms { canary: add(&sums.canary, canary), control: add(&sums.control, control) }
}

async fn what_is_not_exposed_has_no_sample_and_a_reason(rig: &mut Rig) {
    let ask = [signal("ghosts", Measure::Count { counter: "ghosts_total{x=\"y\"}".into(), per: None })];
    let reading = rig.until(&ask, |reading| Some(reading.clone())).await;
    assert_eq!(reading.samples, [None]);
    let text = reading.troubles.join("\n");
    assert!(text.contains("canary v2 has no series `ghosts_total{x=\"y\"}`"), "{text}");
    assert!(text.contains("control v1 has no series"), "{text}");
}

async fn a_dead_control_does_not_hide_the_canary(rig: &mut Rig) {
    let ask = [signal("lag", Measure::Gauge { gauge: "queue_lag".into() })];
    rig.canary.expose("queue_lag 4\n");
    rig.control.expose("queue_lag 5\n");
    let both = Some(Sample::Values(Arms { canary: Some(4.0), control: Some(5.0) }));
    rig.until(&ask, |reading| (reading.samples[0] == both).then_some(())).await;
    rig.control.stop().await;
    let alone = Some(Sample::Values(Arms { canary: Some(4.0), control: None }));
    let reading = rig.until(&ask, |reading| (reading.samples[0] == alone).then(|| reading.clone())).await;
    assert!(reading.troubles.iter().any(|trouble| trouble.contains("control v1")), "{:?}", reading.troubles);
    rig.control.restart().await;
    rig.until(&ask, |reading| (reading.samples[0] == both).then_some(())).await;
}
