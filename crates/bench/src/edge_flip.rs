//! From the decision to the last answer of the withdrawn version: 1,000 requests/s on kept connections, 100 flips.
//!
//! Bound: p99 at most 10 ms, no failed request. The time runs from just before the edge is told, so it includes the
//! admin request, the split's way to the disk, and every request that was already on its way.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use ripcord_edge::{Edge, Options};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::watch,
    task::JoinSet,
    time::{MissedTickBehavior, interval_at},
};

use ripcord_bench::report::Report;

use crate::http_load::{Client, on_own_thread, trivial_instance};

const CONNECTIONS: u32 = 32;
const REQUESTS_PER_SECOND: u32 = 1_000;

/// One answer: when, and whether from v2.
type Answer = (Instant, bool);

/// Runs it; `quick` for fewer flips.
pub async fn run(quick: bool) -> Report {
    let flips: u64 = if quick { 20 } else { 100 };
    let pause = Duration::from_millis(100);
    let state = tempfile::tempdir().expect("a temporary directory");
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let edge = Edge::bind(Options::new(any_port, state.path())).expect("a free port and a fresh directory");
    let (listen, admin) = (edge.listen_address(), edge.admin_address());
    on_own_thread("edge", async move { edge.serve(std::future::pending()).await.expect("the edge serves") });
    let instances = [("v1", trivial_instance("v1")), ("v2", trivial_instance("v2"))];

    flip(admin, 1, instances[0]).await;
    let (stop, stopped) = watch::channel(false);
    let mut load = JoinSet::new();
    for position in 0..CONNECTIONS {
        load.spawn(client(listen, position, stopped.clone()));
    }
    let mut decisions = Vec::new();
    for generation in 2..flips + 2 {
        tokio::time::sleep(pause).await;
        let to = usize::from(generation % 2 == 0);
        let decided = Instant::now();
        flip(admin, generation, instances[to]).await;
        decisions.push((decided, decided.elapsed(), to == 0));
    }
    tokio::time::sleep(pause).await;
    stop.send(true).expect("the clients listen");
    let mut answers: Vec<Answer> = Vec::new();
    let mut failed = 0;
    while let Some(done) = load.join_next().await {
        let (got, lost) = done.expect("a client does not panic");
        answers.extend(got);
        failed += lost;
    }
    report(&decisions, &answers, failed)
}

async fn flip(admin: SocketAddr, generation: u64, (version, address): (&str, SocketAddr)) {
    let split = json!({
        "generation": generation,
        "weights": [[version, "100%"]],
        "instances": [{ "version": version, "address": address }],
    });
    set_split(admin, &split).await;
}

/// Tells the edge; returns when it says the split is in force.
pub async fn set_split(admin: SocketAddr, split: &Value) {
    let stream = TcpStream::connect(admin).await.expect("the admin API listens");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("the admin API speaks HTTP");
    tokio::spawn(connection);
    let request =
        Request::put("/v1/split").header("host", "edge").body(Full::new(Bytes::from(split.to_string())));
    let answer = sender.send_request(request.expect("a valid request")).await.expect("the admin API answers");
    assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.into_body().collect().await);
}

/// Sends at its share of the rate, in its own place between the others, whether or not the edge keeps up.
async fn client(listen: SocketAddr, position: u32, stopped: watch::Receiver<bool>) -> (Vec<Answer>, u64) {
    let mut client = Client::connect(listen).await.expect("the edge listens");
    let period = Duration::from_secs(1) * CONNECTIONS / REQUESTS_PER_SECOND;
    let mut ticks = interval_at(tokio::time::Instant::now() + period * position / CONNECTIONS, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (mut answers, mut failed) = (Vec::new(), 0);
    while !*stopped.borrow() {
        ticks.tick().await;
        match client.get().await {
            Ok(answer) => {
                let from_v2 = answer.windows(14).any(|part| part == b"x-instance: v2");
                answers.push((Instant::now(), from_v2));
            }
            Err(_lost) => {
                failed += 1;
                client = Client::connect(listen).await.expect("the edge listens");
            }
        }
    }
    (answers, failed)
}

fn report(decisions: &[(Instant, Duration, bool)], answers: &[Answer], failed: u64) -> Report {
    let mut last_withdrawn_ms = Vec::new();
    let mut told_ms = Vec::new();
    for (position, (decided, told, from_v2)) in decisions.iter().enumerate() {
        let next = decisions.get(position + 1).map_or(*decided + Duration::from_secs(3_600), |next| next.0);
        let withdrawn = answers.iter().filter(|(at, v2)| v2 == from_v2 && at > decided && *at < next);
        let last = withdrawn.map(|(at, _)| *at - *decided).max().unwrap_or_default();
        last_withdrawn_ms.push(last.as_secs_f64() * 1e3);
        told_ms.push(told.as_secs_f64() * 1e3);
    }
    let span = answers.iter().map(|(at, _)| *at).max().zip(answers.iter().map(|(at, _)| *at).min());
    let rate = span.map_or(0.0, |(last, first)| answers.len() as f64 / (last - first).as_secs_f64());
    let mut report = Report::new("edge-flip");
    report.at_most(
        "decision to last withdrawn answer, p99",
        quantile(&mut last_withdrawn_ms, 0.99),
        "ms",
        10.0,
    );
    report.at_most("failed requests", failed as f64, "requests", 0.0);
    report.at_least("flips", decisions.len() as f64, "flips", 20.0);
    report.at_least("load", rate, "requests/s", 0.95 * f64::from(REQUESTS_PER_SECOND));
    report.says("decision to last withdrawn answer, p50", quantile(&mut last_withdrawn_ms, 0.5), "ms");
    report.says("decision to last withdrawn answer, max", quantile(&mut last_withdrawn_ms, 1.0), "ms");
    report.says("edge confirms the split, p99", quantile(&mut told_ms, 0.99), "ms");
    report
}

/// The smallest value that at least `q` of the values do not exceed.
fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * q).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
