//! Variants told apart by a label, and what the edge counts.

use std::time::Duration;

use ripcord_adapters::{Context, metrics};
use ripcord_edge::{Edge, Options};
use ripcord_engine::{Arms, Sample};
use ripcord_model::{
    Duration as Length,
    blueprint::{EdgeRouter, Measure, MetricsKind, RouterBinding, Signal, Sticky},
};

use crate::{
    exposer::{Exposer, Mode},
    rig::{Rig, binding, by_evidence, counts, ratio, scraping, sides, signal},
};

fn labelled() -> Signal {
    Signal { variant_label: Some("variant".to_owned()), ..by_evidence(ratio()) }
}

/// What one instance says about both variants.
fn both(canary: (u64, u64), control: (u64, u64)) -> String {
    let of = |variant: &str, (ok, error): (u64, u64)| {
        format!(
            "submit_total{{variant=\"{variant}\",outcome=\"ok\"}} {ok}\n\
             submit_total{{variant=\"{variant}\",outcome=\"error\"}} {error}\n"
        )
    };
    of("v2", canary) + &of("v1", control)
}

#[tokio::test]
async fn a_label_tells_variants_apart_on_every_instance() {
    let mut rig = scraping().await;
    rig.canary.expose(both((0, 0), (0, 0)));
    rig.control.expose(both((0, 0), (0, 0)));
    rig.one(&labelled()).await;
    rig.canary.expose(both((4, 1), (10, 0)));
    rig.control.expose(both((5, 0), (19, 1)));
    let (sample, groups, _) = rig.one(&labelled()).await;
    assert_eq!(sample, Some(Sample::Counts(counts((10, 1), (30, 1)))));
    assert_eq!(groups, None, "who shares an instance cannot differ by it");

    // The candidate has no instance of its own: others speak of it.
    rig.sides = sides(&[], &[&rig.control]);
    rig.control.expose(both((6, 2), (20, 1)));
    let (sample, _, troubles) = rig.one(&labelled()).await;
    assert_eq!(sample, Some(Sample::Counts(counts((3, 2), (1, 0)))));
    assert_eq!(troubles, Vec::<String>::new());
}

#[tokio::test]
async fn a_label_that_nobody_shows_is_named() {
    let mut rig = scraping().await;
    rig.canary.expose("submit_total{outcome=\"ok\"} 5\n");
    rig.control.expose(both((0, 0), (3, 0)).replace("v2", "v9"));
    let (sample, _, troubles) = rig.one(&labelled()).await;
    assert_eq!(sample, None);
    let expected =
        "signal errors: canary v2 has no series `submit_total` with its name in the label `variant`";
    assert_eq!(troubles[0], expected);
}

#[tokio::test]
async fn instances_that_speak_only_of_themselves_are_grouped_also_with_a_label() {
    let mut rig = scraping().await;
    let second = Exposer::start().await;
    rig.sides = sides(&[&rig.canary], &[&rig.control, &second]);
    let only =
        |variant: &str, ok: u64| format!("submit_total{{variant=\"{variant}\",outcome=\"ok\"}} {ok}\n");
    let expose = |rig: &Rig, ok: u64| {
        rig.canary.expose(only("v2", ok));
        rig.control.expose(only("v1", ok));
        second.expose(only("v1", ok));
    };
    expose(&rig, 0);
    rig.one(&labelled()).await;
    expose(&rig, 6);
    let (sample, groups, _) = rig.one(&labelled()).await;
    assert_eq!(sample, Some(Sample::Counts(counts((6, 0), (12, 0)))));
    assert!(groups.is_some());
}

/// A real edge between two versions, and a source that scrapes them beside it.
struct AtEdge {
    rig: Rig,
    users: std::net::SocketAddr,
    client: reqwest::Client,
    _state: tempfile::TempDir,
}

impl AtEdge {
    async fn start() -> Self {
        let state = tempfile::tempdir().unwrap();
        let context = Context {
            root: state.path().to_owned(),
            state: state.path().to_owned(),
            environment: "production".parse().unwrap(),
            ripcord_program: "ripcord".into(),
        };
        let mut options = Options::new("127.0.0.1:0".parse().unwrap(), context.edge_state());
        options.limits.workers = 1;
        std::fs::create_dir_all(context.edge_state()).unwrap();
        let edge = Edge::bind(options).unwrap();
        let (users, admin) = (edge.listen_address(), edge.admin_address());
        tokio::spawn(edge.serve(std::future::pending()));

        let (canary, control) = (Exposer::start().await, Exposer::start().await);
        let router = RouterBinding::Edge(EdgeRouter {
            listen: users,
            admin: None,
            sticky: Sticky::None,
            drain: Length::from_secs(1),
        });
        let source = binding(MetricsKind::Scrape { path: "/metrics".to_owned() }, 2_000);
        let metrics = metrics::connect_beside(&source, &router, &context).unwrap();
        let sides = sides(&[&canary], &[&control]);
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        let split = serde_json::json!({
            "generation": 1,
            "weights": ripcord_engine::Weights::split(
                &sides.canary.0, ripcord_model::Share::percent(10), &sides.control.0),
            "instances": [sides.canary.1[0], sides.control.1[0]],
            "wait_drained_ms": 0,
        });
        let told = client.put(format!("http://{admin}/v1/split")).json(&split).send().await.unwrap();
        assert_eq!(told.status(), 200, "{:?}", told.text().await);
        let rig = Rig { canary, control, metrics, sides, pause: Duration::from_millis(1), guard: None };
        Self { rig, users, client, _state: state }
    }

    /// So many users of a version; gives the statuses they saw.
    async fn users(&self, version: &str, number: usize) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..number {
            let request =
                self.client.get(format!("http://{}/", self.users)).header("x-ripcord-version", version);
            let answer = request.send().await.unwrap();
            statuses.push(answer.status().as_u16());
            let _ = answer.bytes().await;
        }
        statuses
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_are_measured_at_the_edge_by_the_names_it_gives_them() {
    let mut at_edge = AtEdge::start().await;
    let requests = "ripcord_edge_requests_total";
    let errors = Measure::Ratio { bad: format!("{requests}{{code=\"5xx\"}}"), all: requests.to_owned() };
    let latency = Measure::Quantile { histogram: "ripcord_edge_request_duration_seconds".into(), q: 0.5 };
    let signals = [by_evidence(signal("errors", errors)), by_evidence(signal("p50", latency))];
    let reading = at_edge.rig.read(&signals).await.unwrap();
    assert_eq!(reading.samples, [None, None], "a first reading");

    at_edge.rig.canary.set(Mode::Status(503, "no".to_owned()));
    at_edge.users("v2", 3).await;
    at_edge.users("v1", 7).await;
    let settled = |reading: &ripcord_adapters::port::Reading| {
        let expected = Some(Sample::Counts(counts((3, 3), (7, 0))));
        (reading.samples[0] == expected).then(|| reading.clone())
    };
    let reading = at_edge.rig.until(&signals, settled).await;
    let Some(Sample::Histogram(histogram)) = &reading.samples[1] else { panic!("{reading:?}") };
    assert_eq!((histogram.bounds.len(), histogram.bounds[0]), (13, 0.001));
    let total = |counts: &Vec<u64>| counts.iter().sum::<u64>();
    let Arms { canary, control } = &histogram.counts;
    assert_eq!((total(canary), total(control)), (3, 7));
    assert!(histogram.values.canary.is_some() && histogram.values.control.is_some());
    assert_eq!((reading.requests, reading.groups), (Arms { canary: 3, control: 7 }, vec![None, None]));

    // Nobody of the candidate answers any more. Its users are counted all the same.
    at_edge.rig.canary.stop().await;
    at_edge.rig.sides.canary.1.clear();
    assert_eq!(at_edge.users("v2", 2).await, [502, 502]);
    let dead = Some(Sample::Counts(counts((2, 2), (0, 0))));
    at_edge.rig.until(&signals, |reading| (reading.samples[0] == dead).then_some(())).await;
}

#[tokio::test]
async fn without_an_edge_nobody_knows_what_it_counts() {
    let mut rig = scraping().await;
    rig.canary.expose("submit_total 1\n");
    rig.control.expose("submit_total 1\n");
    let requests = "ripcord_edge_requests_total".to_owned();
    let at_edge = signal("errors", Measure::Ratio { bad: requests.clone(), all: requests });
    let (sample, _, troubles) = rig.one(&at_edge).await;
    assert_eq!(sample, None);
    assert_eq!(
        troubles,
        ["the edge: the router of this environment is none, so nobody counts `ripcord_edge_*`"]
    );
}
