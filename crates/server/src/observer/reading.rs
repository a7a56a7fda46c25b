//! One look at everything a release watches, within limits.

use std::{future::Future, sync::Arc, time::Duration};

use ripcord_adapters::port::{AdapterError, Metrics, Reading, Sides};
use ripcord_engine::{Arms, Block, Instance, Liveness};
use ripcord_model::{
    ReleaseName, Timestamp, VersionName,
    blueprint::{Blueprint, WorkloadBinding},
};
use tokio::time;

use super::{baseline::Baseline, counter::RequestCounter, troubles::Troubles};
use crate::{clock::Clock, executor::guarded, systems::Connections};

/// How long the router may take to say its counters.
const COUNTERS_LIMIT: Duration = Duration::from_secs(5);
/// What a source may take beyond its own timeout.
const MARGIN: Duration = Duration::from_secs(1);

/// Reads for one release, and remembers what differences need.
pub(crate) struct Reader {
    blueprint: Arc<Blueprint>,
    connections: Arc<Connections>,
    clock: Arc<dyn Clock>,
    /// `None` after a panic; connected again for the next reading.
    metrics: Option<Box<dyn Metrics>>,
    counter: RequestCounter,
    baseline: Baseline,
    troubles: Troubles,
}

impl Reader {
    pub(crate) fn new(
        blueprint: Arc<Blueprint>,
        connections: Arc<Connections>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            baseline: Baseline::new(&blueprint, &connections, clock.now()),
            blueprint,
            connections,
            clock,
            metrics: None,
            counter: RequestCounter::default(),
            troubles: Troubles::default(),
        }
    }

    /// Time between two readings.
    pub(crate) fn interval(&self) -> Duration {
        self.blueprint.production.metrics.interval.to_std().max(Duration::from_millis(10))
    }

    /// One block; its number is for the loop to give.
    pub(crate) async fn block(&mut self, candidate_should_run: bool) -> Block {
        let instances = instances(&self.connections, &self.blueprint).await;
        let candidate =
            liveness(instances.as_deref(), &self.blueprint.candidate.version, candidate_should_run);
        let last_good = self.blueprint.last_good.as_ref().map_or(Liveness::Unknown, |last_good| {
            liveness(instances.as_deref(), &last_good.version, candidate_should_run)
        });
        let sides = self.sides(instances.unwrap_or_default());
        let counted = counters(&self.connections, &self.blueprint).await;
        let at = self.clock.now();
        let reading = self.read(at, sides).await;
        let from_metrics = reading.as_ref().map_or(Arms::default(), |reading| reading.requests);
        let requests =
            counted.map_or(from_metrics, |counted| self.counter.difference(counted, &self.blueprint));
        let silence = || (vec![None; self.blueprint.signals.len()], Vec::new());
        let (samples, groups) = reading.map_or_else(silence, |reading| (reading.samples, reading.groups));
        let groups = if groups.iter().all(Option::is_none) { Vec::new() } else { groups };
        let block =
            Block { seq: 0, at, requests, candidate, last_good, samples, groups, baseline: Vec::new() };
        self.baseline.look().await;
        self.baseline.hear(&block);
        block
    }

    /// What the signals were before the release, for the block that is about to be reported; mostly nothing.
    pub(crate) fn baseline(&mut self) -> Vec<Option<f64>> {
        self.baseline.carry()
    }

    async fn read(&mut self, at: Timestamp, sides: Sides) -> Option<Reading> {
        let production = &self.blueprint.production;
        let release = &self.blueprint.release;
        let connected = self.metrics.take().map_or_else(|| self.connections.metrics(production), Ok);
        let mut metrics = match connected {
            Ok(metrics) => metrics,
            Err(error) => {
                tracing::warn!(%release, "the source of the numbers cannot be connected: {error}");
                return None;
            }
        };
        let limit = production.metrics.timeout.to_std() + MARGIN;
        let blueprint = Arc::clone(&self.blueprint);
        // The reader comes back also after a timeout: what it remembers of the counters must not be lost.
        let asked = guarded(limit * 2, async move {
            let answer = time::timeout(limit, metrics.read(at, &blueprint.signals, &sides)).await;
            Ok((metrics, answer))
        });
        let answer = match asked.await {
            Ok((metrics, answer)) => {
                self.metrics = Some(metrics);
                answer
            }
            Err(trouble) => {
                tracing::warn!(%release, "the source of the numbers failed: {}", trouble.reason());
                return None;
            }
        };
        match answer {
            Ok(Ok(reading)) if reading.samples.len() == self.blueprint.signals.len() => {
                self.troubles.tell(release, &reading.troubles);
                return Some(reading);
            }
            Ok(Ok(reading)) => {
                let (expected, got) = (self.blueprint.signals.len(), reading.samples.len());
                tracing::warn!(%release, "the source of the numbers answered {got} samples for {expected} signals");
            }
            Ok(Err(error)) => tracing::warn!(%release, "the source of the numbers failed: {error}"),
            Err(_) => tracing::warn!(%release, "the source of the numbers did not answer within {limit:?}"),
        }
        None
    }

    /// Without a last good the control has no instances, and its side stays silent.
    fn sides(&self, instances: Vec<Instance>) -> Sides {
        let candidate = self.blueprint.candidate.version.clone();
        let control =
            self.blueprint.last_good.as_ref().map_or(&candidate, |last_good| &last_good.version).clone();
        let (canary, rest): (Vec<_>, Vec<_>) =
            instances.into_iter().partition(|instance| instance.version == candidate);
        let of_control = rest.into_iter().filter(|instance| instance.version == control).collect();
        Sides { canary: (candidate, canary), control: (control, of_control) }
    }
}

async fn instances(connections: &Connections, blueprint: &Blueprint) -> Option<Vec<Instance>> {
    let production = &blueprint.production;
    let limit = match &production.workload {
        WorkloadBinding::Process(_) => COUNTERS_LIMIT,
        WorkloadBinding::Command(command) => command.timeout.to_std() + MARGIN,
    };
    let workload = connections.workload(production);
    told(&blueprint.release, "the workload", limit, async move { workload.read_back().await }).await
}

async fn counters(connections: &Connections, blueprint: &Blueprint) -> Option<Vec<(VersionName, u64)>> {
    let router = connections.router(&blueprint.production);
    told(&blueprint.release, "the router", COUNTERS_LIMIT, async move { router.requests().await })
        .await
        .flatten()
}

async fn told<T: Send + 'static>(
    release: &ReleaseName,
    who: &str,
    limit: Duration,
    question: impl Future<Output = Result<T, AdapterError>> + Send + 'static,
) -> Option<T> {
    match guarded(limit, async move { question.await.map_err(Into::into) }).await {
        Ok(answer) => Some(answer),
        Err(trouble) => {
            tracing::warn!(%release, "{who} did not answer: {}", trouble.reason());
            None
        }
    }
}

fn liveness(instances: Option<&[Instance]>, candidate: &VersionName, should_run: bool) -> Liveness {
    match instances {
        None => Liveness::Unknown,
        Some(instances) if instances.iter().any(|instance| instance.version == *candidate) => {
            Liveness::Running
        }
        Some(_) if should_run => Liveness::Dead,
        Some(_) => Liveness::Unknown,
    }
}
