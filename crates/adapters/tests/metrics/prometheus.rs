//! A real Prometheus server that scrapes instances every second.

use std::{net::SocketAddr, time::Duration};

use ripcord_adapters::{metrics, port::AdapterError};
use ripcord_engine::{Arms, Counts, Groups, Sample};
use ripcord_model::blueprint::{Measure, Signal};

use crate::{
    exposer::{Exposer, Mode},
    rig::{Rig, binding, by_evidence, ratio, sides, signal},
    server::{Server, source},
    suite,
};

async fn rig() -> (Rig, SocketAddr) {
    let (canary, control) = (Exposer::start().await, Exposer::start().await);
    let server = Server::start(&[("v2", canary.address), ("v1", control.address)], &[]).await;
    let address = server.address;
    let metrics = metrics::connect(&binding(source(address), 2_000)).unwrap();
    let sides = sides(&[&canary], &[&control]);
    let pause = Duration::from_millis(100);
    (Rig { canary, control, metrics, sides, pause, guard: Some(Box::new(server)) }, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_prometheus_conforms() {
    let (mut rig, _) = rig().await;
    suite::conforms(&mut rig).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prometheus_that_dies_is_a_transient_failure_and_a_wrong_query_only_its_own_signals() {
    let (mut rig, address) = rig().await;
    rig.canary.expose("submit_total{outcome=\"ok\"} 1\n");
    rig.control.expose("submit_total{outcome=\"ok\"} 1\n");
    let wrong = signal("wrong", Measure::Count { counter: "a{x=~\"(\"}".into(), per: None });
    let twice = signal("twice", Measure::Gauge { gauge: "a{version=\"v9\"}".into() });
    let signals = [ratio(), wrong, twice];
    rig.baseline(&signals).await;
    let reading = rig.read(&signals).await.unwrap();
    let text = reading.troubles.join("\n");
    assert!(text.contains("canary v2, `a{x=~\"(\"}`: the query was refused"), "{text}");
    assert!(text.contains("label `version` tells the versions apart"), "{text}");

    rig.guard = None;
    let error = rig.read(&signals).await.unwrap_err();
    let expected = format!("Prometheus at http://{address}: connection refused or unreachable");
    assert_eq!(error, AdapterError::Transient(expected));
}

/// What one instance says: submissions, latencies, and submissions by track whatever its own version is.
fn body(ok: u64, error: u64, slow: u64, tracks: (u64, u64)) -> String {
    let all = ok + error;
    format!(
        "submit_total{{outcome=\"ok\"}} {ok}\nsubmit_total{{outcome=\"error\"}} {error}\n\
         latency_bucket{{le=\"0.1\"}} {}\nlatency_bucket{{le=\"0.5\"}} {all}\nlatency_bucket{{le=\"+Inf\"}} {all}\n\
         latency_sum 1\nlatency_count {all}\n\
         track_total{{track=\"v2\"}} {}\ntrack_total{{track=\"v1\"}} {}\n",
        all - slow,
        tracks.0,
        tracks.1
    )
}

/// What readings said in sum.
#[derive(Default, PartialEq, Debug)]
struct Sums {
    counts: (Counts, Counts),
    groups: Vec<Counts>,
    buckets: (Vec<u64>, Vec<u64>),
    grouped_buckets: Vec<Vec<u64>>,
    tracks: (u64, u64),
}

fn add_counts(sum: &mut Counts, more: Counts) {
    *sum = Counts { n: sum.n + more.n, bad: sum.bad + more.bad };
}

fn add_buckets(sum: &mut Vec<u64>, more: &[u64]) {
    sum.resize(more.len(), 0);
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

impl Sums {
    fn add(&mut self, reading: &ripcord_adapters::port::Reading) {
        if let Some(Sample::Counts(Arms { canary, control })) = reading.samples[0] {
            add_counts(&mut self.counts.0, canary);
            add_counts(&mut self.counts.1, control);
        }
        if let Some(Groups::Counts(groups)) = &reading.groups[0] {
            self.groups.resize(groups.len(), Counts::default());
            self.groups.iter_mut().zip(groups).for_each(|(sum, more)| add_counts(sum, *more));
        }
        if let Some(Sample::Histogram(histogram)) = &reading.samples[1] {
            assert_eq!(histogram.bounds, [0.1, 0.5]);
            add_buckets(&mut self.buckets.0, &histogram.counts.canary);
            add_buckets(&mut self.buckets.1, &histogram.counts.control);
        }
        if let Some(Groups::Histogram(groups)) = &reading.groups[1] {
            self.grouped_buckets.resize(groups.len(), Vec::new());
            self.grouped_buckets.iter_mut().zip(groups).for_each(|(sum, more)| add_buckets(sum, more));
        }
        if let Some(Sample::Counts(arms)) = reading.samples[2] {
            self.tracks = (self.tracks.0 + arms.canary.n, self.tracks.1 + arms.control.n);
        }
        assert_eq!(reading.groups[2], None, "tracks share their instances");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_instances_buckets_and_variants_by_a_label_add_up() {
    let (canary, control, second) = (Exposer::start().await, Exposer::start().await, Exposer::start().await);
    let targets = [("v2", canary.address), ("v1", control.address), ("v1", second.address)];
    let server = Server::start(&targets, &[]).await;
    let metrics = metrics::connect(&binding(source(server.address), 2_000)).unwrap();
    let sides = sides(&[&canary], &[&control, &second]);
    let pause = Duration::from_millis(100);
    let mut rig = Rig { canary, control, metrics, sides, pause, guard: Some(Box::new(server)) };
    let latency = signal("p99", Measure::Quantile { histogram: "latency".into(), q: 0.99 });
    let track = Measure::Ratio { bad: "track_total{x=\"y\"}".into(), all: "track_total".into() };
    let track = Signal { variant_label: Some("track".to_owned()), ..signal("tracks", track) };
    let signals = [ratio(), latency, track].map(by_evidence);
    for exposer in [&rig.canary, &rig.control, &second] {
        exposer.expose(body(100, 0, 0, (0, 0)));
    }
    rig.baseline(&signals).await;
    rig.until(&signals, |reading| reading.groups[0].clone()).await;

    rig.canary.expose(body(106, 4, 3, (1, 10)));
    rig.control.expose(body(120, 0, 1, (2, 20)));
    second.expose(body(130, 1, 0, (0, 30)));
    let counts = |n, bad| Counts { n, bad };
    let mut by_instance =
        [(rig.control.address, counts(20, 0), [19, 1, 0]), (second.address, counts(31, 1), [31, 0, 0])];
    by_instance.sort_by_key(|(address, ..)| address.to_string());
    let expected = Sums {
        counts: (counts(10, 4), counts(51, 1)),
        groups: by_instance.iter().map(|(_, counts, _)| *counts).collect(),
        buckets: (vec![7, 3, 0], vec![50, 1, 0]),
        grouped_buckets: by_instance.iter().map(|(.., buckets)| buckets.to_vec()).collect(),
        tracks: (3, 60),
    };
    let mut sums = Sums::default();
    rig.until(&signals, |reading| {
        sums.add(reading);
        (sums == expected).then_some(())
    })
    .await;
}

/// A histogram as only protobuf can carry it: three observations in one bucket of schema 0.
fn native_histogram(name: &str) -> Vec<u8> {
    let field = |number: u8, bytes: &[u8]| [&[number << 3 | 2, bytes.len() as u8], bytes].concat();
    let number = |number: u8, value: u8| vec![number << 3, value];
    let double = |number: u8, value: f64| [&[number << 3 | 1], value.to_le_bytes().as_slice()].concat();
    let histogram =
        [number(1, 3), double(2, 1.5), double(6, 1e-128), field(12, &number(2, 1)), field(13, &[6])].concat();
    let family = [field(1, name.as_bytes()), number(3, 4), field(4, &field(7, &histogram))].concat();
    [&[family.len() as u8], family.as_slice()].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn native_histograms_of_a_real_server_are_refused_by_name() {
    let (canary, control) = (Exposer::start().await, Exposer::start().await);
    for exposer in [&canary, &control] {
        exposer.set(Mode::Protobuf(native_histogram("latency")));
    }
    let targets = [("v2", canary.address), ("v1", control.address)];
    let server = Server::start(&targets, &["--enable-feature=native-histograms"]).await;
    let metrics = metrics::connect(&binding(source(server.address), 2_000)).unwrap();
    let sides = sides(&[&canary], &[&control]);
    let pause = Duration::from_millis(100);
    let mut rig = Rig { canary, control, metrics, sides, pause, guard: Some(Box::new(server)) };
    let signals = [signal("p99", Measure::Quantile { histogram: "latency".into(), q: 0.99 })];
    let named = rig.until(&signals, |reading| {
        assert_eq!(reading.samples, [None]);
        reading.troubles.iter().find(|trouble| trouble.contains("native histogram")).cloned()
    });
    let named = named.await;
    assert!(named.contains("`latency{version=\"v"), "{named}");
    assert!(named.contains("expose classic buckets (`le`) beside it"), "{named}");
}
