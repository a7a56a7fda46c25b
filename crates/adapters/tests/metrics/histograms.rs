//! Classic histograms from instances asked directly, and what is no classic histogram.

use ripcord_engine::{Arms, Sample};
use ripcord_model::blueprint::{Measure, Signal};

use crate::{
    exposer::Mode,
    rig::{Rig, by_evidence, scraping, signal},
};

fn p99() -> Signal {
    by_evidence(signal("p99", Measure::Quantile { histogram: "latency".into(), q: 0.99 }))
}

/// Cumulative buckets with their sum and count.
fn buckets(cumulative: &[(&str, u64)]) -> String {
    let line = |(bound, count): &(&str, u64)| format!("latency_bucket{{le=\"{bound}\"}} {count}\n");
    let count = cumulative.last().map_or(0, |(_, count)| *count);
    cumulative.iter().map(line).collect::<String>() + &format!("latency_sum 1\nlatency_count {count}\n")
}

async fn exposing(cumulative: &[(&str, u64)]) -> Rig {
    let mut rig = scraping().await;
    rig.canary.expose(buckets(cumulative));
    rig.control.expose(buckets(cumulative));
    assert_eq!(rig.one(&p99()).await.0, None);
    rig
}

fn histogram(sample: Option<Sample>) -> (Vec<f64>, Arms<Vec<u64>>) {
    match sample {
        Some(Sample::Histogram(histogram)) => (histogram.bounds, histogram.counts),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_restart_counts_every_bucket_from_zero() {
    let mut rig = exposing(&[("0.1", 1_000), ("1", 1_100), ("+Inf", 1_100)]).await;
    rig.canary.expose(buckets(&[("0.1", 3), ("1", 5), ("+Inf", 6)]));
    rig.control.expose(buckets(&[("0.1", 1_010), ("1", 1_110), ("+Inf", 1_112)]));
    let (bounds, counts) = histogram(rig.one(&p99()).await.0);
    assert_eq!(bounds, [0.1, 1.0]);
    assert_eq!(counts, Arms { canary: vec![3, 2, 1], control: vec![10, 0, 2] });
}

#[tokio::test]
async fn bounds_that_change_half_way_bring_no_jump_and_are_compared_where_both_have_them() {
    let mut rig = exposing(&[("0.1", 50), ("1", 100), ("+Inf", 100)]).await;
    let control = |count: u64| buckets(&[("0.1", 50 + count), ("1", 100 + count), ("+Inf", 100 + count)]);
    // The candidate restarts with other buckets: a first look at names nobody knows.
    rig.canary.expose(buckets(&[("0.25", 70), ("1", 90), ("+Inf", 95)]));
    rig.control.expose(control(10));
    assert_eq!(rig.one(&p99()).await.0, None, "what the new names counted so far is not known");
    rig.canary.expose(buckets(&[("0.25", 74), ("1", 97), ("+Inf", 103)]));
    rig.control.expose(control(20));
    let (sample, _, troubles) = rig.one(&p99()).await;
    let (bounds, counts) = histogram(sample);
    assert_eq!(bounds, [1.0]);
    assert_eq!(counts, Arms { canary: vec![7, 1], control: vec![20, 0] }, "the control has waited");
    let expected = "signal p99: canary and control have different buckets; compared by those both have: 1";
    assert_eq!(troubles, [expected]);
}

#[tokio::test]
async fn label_sets_of_one_histogram_are_summed() {
    let mut rig = scraping().await;
    let by_path = |path: &str, low: u64, all: u64| {
        format!(
            "latency_bucket{{path=\"{path}\",le=\"1\"}} {low}\nlatency_bucket{{path=\"{path}\",le=\"+Inf\"}} {all}\n"
        )
    };
    for exposer in [&rig.canary, &rig.control] {
        exposer.expose(by_path("/a", 0, 0) + &by_path("/b", 0, 0));
    }
    rig.one(&p99()).await;
    rig.canary.expose(by_path("/a", 3, 4) + &by_path("/b", 5, 7));
    let (_, counts) = histogram(rig.one(&p99()).await.0);
    assert_eq!(counts.canary, [8, 3]);
    // A path that appears with its first answers counts from zero.
    rig.canary.expose(by_path("/a", 3, 4) + &by_path("/b", 5, 7) + &by_path("/c", 1, 1));
    let (_, counts) = histogram(rig.one(&p99()).await.0);
    assert_eq!(counts.canary, [1, 0]);
}

#[tokio::test]
async fn native_histograms_and_summaries_are_refused_by_name() {
    let mut rig = scraping().await;
    // A native histogram as text, and a summary: both have a count and no bucket that says how long.
    rig.canary.expose("latency_bucket{le=\"+Inf\"} 9\nlatency_sum 1\nlatency_count 9\n");
    rig.control.expose("latency{quantile=\"0.99\"} 0.3\nlatency_sum 1\nlatency_count 9\n");
    for _ in 0..2 {
        let (sample, _, troubles) = rig.one(&p99()).await;
        assert_eq!(sample, None);
        assert!(troubles[0].starts_with("canary v2 at 127.0.0.1:"), "{troubles:?}");
        assert!(
            troubles[0].contains("`latency` shows a count and no classic buckets (`le`)"),
            "{troubles:?}"
        );
        assert!(troubles[1].starts_with("control v1 at 127.0.0.1:"), "{troubles:?}");
    }
    rig.canary.set(Mode::Protobuf(vec![1, 2, 3]));
    let (_, _, troubles) = rig.one(&p99()).await;
    assert!(troubles[0].contains("the answer is protobuf though text was asked for"), "{troubles:?}");
    assert!(troubles[0].contains("native histograms cannot be read"), "{troubles:?}");
}

#[tokio::test]
async fn buckets_without_the_one_that_counts_everything_are_no_histogram() {
    let mut rig = exposing(&[("0.1", 0), ("1", 0)]).await;
    rig.canary.expose(buckets(&[("0.1", 5), ("1", 9)]));
    let (sample, _, troubles) = rig.one(&p99()).await;
    assert_eq!(sample, None);
    let expected = "`latency` has no classic buckets with `+Inf` and at least one more bound";
    assert!(troubles[0].contains(expected), "{troubles:?}");
}

#[tokio::test]
async fn values_that_no_bucket_can_have_are_passed_over() {
    let mut rig = exposing(&[("0.1", 10), ("1", 10), ("+Inf", 10)]).await;
    let strange = "latency_bucket{le=\"0.1\"} NaN\nlatency_bucket{le=\"1\"} +Inf\nlatency_bucket{le=\"nan\"} 7\n\
                   latency_bucket{le=\"+Inf\"} -3\nlatency_bucket{le=\"x\"} 7\n";
    rig.canary.expose(strange);
    assert_eq!(rig.one(&p99()).await.0, None);
    rig.canary.expose(buckets(&[("0.1", 12), ("1", 13), ("+Inf", 13)]));
    let (bounds, counts) = histogram(rig.one(&p99()).await.0);
    assert_eq!((bounds, counts.canary), (vec![0.1, 1.0], vec![2, 1, 0]), "the gap is covered");
}
