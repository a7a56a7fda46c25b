//! The versions' own `/metrics`, asked directly at every instance, both arms at once.
//!
//! An instance that does not answer is left out and named; its counters wait for its next answer. An arm none of
//! whose instances answers has no sample.

use std::{collections::BTreeSet, net::SocketAddr};

use async_trait::async_trait;
use ripcord_engine::{Arms, Instance};
use ripcord_model::{Timestamp, VersionName, blueprint::Signal};
use tokio::task::JoinSet;

use super::{
    arms::MapArms as _,
    assembler::Assembler,
    exposition::{self, Exposed},
    fetch::fetch,
    plan::Plan,
    raw::{ArmRaw, RawSeries},
    selector::Selector,
};
use crate::port::{AdapterError, Metrics, Reading, Sides};

/// Asks instances directly.
pub(super) struct Scrape {
    path: String,
    client: reqwest::Client,
    assembler: Assembler,
    /// Stamps of raw values grow with every reading, whatever the clock that is handed in does.
    stamp_ms: i64,
}

/// One instance's answer.
type Answer = (SocketAddr, Result<Vec<Exposed>, String>);

impl Scrape {
    /// Asks every instance for `path`.
    pub(super) fn new(path: &str, timeout: std::time::Duration) -> Result<Self, AdapterError> {
        if !path.starts_with('/') {
            return Err(AdapterError::Permanent(format!(
                "metrics path `{path}` must start with `/`, like /metrics"
            )));
        }
        let client = crate::http::client("http://instance", timeout, true)?;
        // Both arms are asked at the same moment: nothing has to wait.
        Ok(Self { path: path.to_owned(), client, assembler: Assembler::new(0), stamp_ms: i64::MIN })
    }

    async fn ask_all(&self, instances: BTreeSet<SocketAddr>) -> Vec<Answer> {
        let mut asking = JoinSet::new();
        for address in instances {
            let request =
                self.client.get(format!("http://{address}{}", self.path)).header("accept", "text/plain");
            asking.spawn(async move {
                let body = fetch(request).await.map_err(|error| error.to_string());
                let samples = body.and_then(|body| {
                    exposition::parse(&body)
                        .map_err(|error| format!("the answer is no metrics text: {error}"))
                });
                (address, samples)
            });
        }
        asking.join_all().await
    }
}

#[async_trait]
impl Metrics for Scrape {
    async fn read(
        &mut self,
        at: Timestamp,
        signals: &[Signal],
        sides: &Sides,
    ) -> Result<Reading, AdapterError> {
        let plan = Plan::of(signals, Selector::matchable);
        let instances =
            sides.canary.1.iter().chain(&sides.control.1).map(|instance| instance.address).collect();
        let answers = self.ask_all(instances).await;
        self.stamp_ms = at.as_ms().max(self.stamp_ms.saturating_add(1));
        let stamp_ms = self.stamp_ms;
        let arms = Arms { canary: ("canary", &sides.canary), control: ("control", &sides.control) };
        let raw = arms
            .map(|(side, (version, instances))| raw_of(&plan, side, version, instances, &answers, stamp_ms));
        Ok(self.assembler.assemble(at, signals, &plan, sides, raw))
    }
}

fn raw_of(
    plan: &Plan,
    side: &str,
    version: &VersionName,
    instances: &[Instance],
    answers: &[Answer],
    stamp_ms: i64,
) -> ArmRaw {
    let mut raw = ArmRaw::default();
    let mut answered = 0;
    for instance in instances {
        let Some((_, answer)) = answers.iter().find(|(address, _)| *address == instance.address) else {
            continue;
        };
        match answer {
            Ok(samples) => {
                answered += 1;
                add_samples(plan, &mut raw, &instance.address.to_string(), samples, stamp_ms);
            }
            Err(problem) => raw.troubles.push(format!("{side} {version} at {}: {problem}", instance.address)),
        }
    }
    if instances.is_empty() {
        return ArmRaw::all_failed(plan, format!("{side} {version} has no instance to ask"));
    }
    if answered == 0 {
        raw.failed = (0..plan.asks.len()).collect();
    }
    raw
}

fn add_samples(plan: &Plan, raw: &mut ArmRaw, target: &str, samples: &[Exposed], stamp_ms: i64) {
    for sample in samples {
        let asks: BTreeSet<usize> =
            (0..plan.asks.len()).filter(|ask| plan.asks[*ask].selector.matches(sample)).collect();
        if !asks.is_empty() {
            let upper_bound = sample.label("le").and_then(|bound| bound.parse().ok());
            let series = RawSeries { asks, upper_bound, points: vec![(stamp_ms, sample.value)] };
            raw.add(target, identity(&sample.name, &sample.labels), series);
        }
    }
}

/// A series' name with all its labels.
fn identity(name: &str, labels: &[(String, String)]) -> String {
    labels.iter().fold(name.to_owned(), |text, (label, value)| text + "\u{1f}" + label + "=" + value)
}
