//! A condition on a signal of last good, judged by the code that judges releases.

use ripcord_adapters::port::{Metrics, Sides};
use ripcord_engine::{Arms, Replay};
use ripcord_model::{
    Duration, Timestamp, VersionName,
    blueprint::{Blueprint, Environment, Rule, Signal},
};
use ripcord_runbook::SignalCondition;
use ripcord_runner::effects::Checked;
use tokio::time::Instant;

use crate::systems::Connections;

/// A pause between two looks that is longer than this many intervals ends what had lasted.
const GAP_INTERVALS: u64 = 5;
/// The same at least.
const GAP_MIN: Duration = Duration::from_secs(10);

/// Looks at one signal until a condition on it holds.
pub(super) struct Watch {
    condition: SignalCondition,
    signal: Signal,
    version: VersionName,
    environment: Environment,
    metrics: Box<dyn Metrics>,
    replay: Replay,
    began: Instant,
    looks: u64,
}

impl Watch {
    /// Begins to look. The signal is measured on last good, where the way back leads.
    pub(super) fn begin(
        blueprint: &Blueprint,
        connections: &Connections,
        condition: &SignalCondition,
    ) -> Result<Self, String> {
        let found = blueprint.signals.iter().find(|signal| signal.name == condition.signal);
        let mut signal = found
            .cloned()
            .ok_or_else(|| format!("there is no signal `{}` in ripcord.yaml", condition.signal))?;
        signal.rollback = vec![Rule::Threshold(condition.condition.clone())];
        signal.contain.clear();
        signal.hold.clear();
        let version = blueprint.last_good.as_ref().unwrap_or(&blueprint.candidate).version.clone();
        let environment = blueprint.production.clone();
        let metrics = connections.metrics(&environment).map_err(|error| error.to_string())?;
        let gap = Duration::from_ms(environment.metrics.interval.as_ms().saturating_mul(GAP_INTERVALS))
            .max(GAP_MIN);
        let replay = Replay::new(&signal, &blueprint.evidence, blueprint.false_rollback, gap);
        let condition = condition.clone();
        Ok(Self { condition, signal, version, environment, metrics, replay, began: Instant::now(), looks: 0 })
    }

    /// Whether this is what it looks for.
    pub(super) fn is_about(&self, condition: &SignalCondition) -> bool {
        self.condition == *condition
    }

    /// One look.
    pub(super) async fn look(&mut self, connections: &Connections) -> Checked {
        let instances = match connections.workload(&self.environment).read_back().await {
            Ok(instances) => {
                instances.into_iter().filter(|instance| instance.version == self.version).collect()
            }
            Err(error) => return Checked::Silent(error.to_string()),
        };
        let side = (self.version.clone(), instances);
        let sides = Sides { canary: side.clone(), control: side };
        let passed = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        // Only differences count here, so any beginning will do.
        let at = Timestamp::from_ms(0).plus(Duration::from_ms(passed));
        let reading = match self.metrics.read(at, std::slice::from_ref(&self.signal), &sides).await {
            Ok(reading) => reading,
            Err(error) => return Checked::Silent(error.to_string()),
        };
        let Some(Some(sample)) = reading.samples.first() else {
            let why = reading.troubles.first().cloned();
            let version = &self.version;
            return Checked::Silent(
                why.unwrap_or_else(|| format!("{} says nothing on {version} yet", self.signal.name)),
            );
        };
        self.looks += 1;
        let requests: Arms<u64> = reading.requests;
        self.replay.take(self.looks, at, sample, None, requests);
        let rules = self.replay.rules();
        match rules.first() {
            Some(rule) if rule.fires => Checked::Holds,
            Some(rule) if rule.violated => {
                let since = rule.since.map_or(Duration::ZERO, |since| at.since(since));
                Checked::NotYet(format!("{} for {} so far", self.signal.name, since.human()))
            }
            Some(_) | None => Checked::NotYet(format!("{} is not so", self.signal.name)),
        }
    }
}
