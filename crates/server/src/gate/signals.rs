//! Every signal answers with data on the control in production, and with its past where a rule compares with it. A
//! release whose signals are silent would fly blind.

use std::time::Duration;

use async_trait::async_trait;
use ripcord_adapters::port::{AdapterError, Metrics, Sides};
use ripcord_engine::{Instance, Sample};
use ripcord_model::{
    SignalName, Timestamp, VersionName,
    blueprint::{Blueprint, Signal},
};
use tokio::time::{self, Instant};

use super::{
    Answer, Check, Inquiry, Reason,
    baseline::{self, PastOf},
};
use crate::observer::{PAST_LIMIT, needs_baseline};

/// How long signals are waited for beyond the two readings that a difference needs.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest pause between two readings, however rarely the signals are read later.
const PAUSE_MAX: Duration = Duration::from_secs(2);

pub(super) struct Signals;

#[derive(Debug, thiserror::Error)]
enum Blind {
    #[error("there is no last good to measure")]
    NoLastGood,
    #[error("{0} does not run, so nothing can be measured on it")]
    NotRunning(VersionName),
    #[error("the source of the numbers does not answer: {0}")]
    SourceDown(String),
    #[error("no data on {version} for {}{}", names(.signals), because(.why))]
    Silent { version: VersionName, signals: Vec<SignalName>, why: Option<String> },
}

impl Reason for Blind {
    fn fix(&self) -> String {
        match self {
            Self::NoLastGood => "name the version that runs now as `last_good` in the plan".to_owned(),
            Self::NotRunning(_) => "see the check `last-good`".to_owned(),
            Self::SourceDown(_) => "bring the source back, or mend `metrics` in ripcord.yaml, then ask again".to_owned(),
            Self::Silent { .. } => {
                "make sure that last good receives requests and exposes these metrics under the names in ripcord.yaml"
                    .to_owned()
            }
        }
    }
}

#[async_trait]
impl Check for Signals {
    fn name(&self) -> &'static str {
        "signals"
    }

    fn limit(&self, blueprint: &Blueprint) -> Duration {
        let past = if blueprint.signals.iter().any(needs_baseline) { PAST_LIMIT } else { Duration::ZERO };
        PATIENCE + PAUSE_MAX * 2 + blueprint.production.metrics.timeout.to_std().saturating_mul(4) + past
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let Some(last_good) = &blueprint.last_good else { return Answer::fail(Blind::NoLastGood) };
        let version = last_good.version.clone();
        let mut instances = match inquiry.connections.workload(&blueprint.production).read_back().await {
            Ok(instances) => instances,
            Err(error) => return Answer::unknown(Blind::SourceDown(error.to_string())),
        };
        instances.retain(|instance| instance.version == version);
        if instances.is_empty() {
            return Answer::fail(Blind::NotRunning(version));
        }
        let metrics = match inquiry.connections.metrics(&blueprint.production) {
            Ok(metrics) => metrics,
            Err(error) => return Answer::unknown(Blind::SourceDown(error.to_string())),
        };
        let mut listening = Listening {
            metrics,
            sides: both_sides(&version, instances),
            now: inquiry.now,
            pause: blueprint.production.metrics.interval.to_std().min(PAUSE_MAX),
        };
        match listening.until_all_speak(&blueprint.signals).await {
            Heard::All => {
                let seen = format!("all {} signals answer with data on {version}", blueprint.signals.len());
                let metrics = &mut *listening.metrics;
                match baseline::ask(metrics, blueprint, &version, inquiry.now).await {
                    PastOf::NotNeeded => Answer::pass(seen),
                    PastOf::Known(past) => Answer::pass(format!("{seen}; {past}")),
                    PastOf::Missing(missing) => Answer::fail(missing),
                    PastOf::Unanswered(error) => Answer::unknown(Blind::SourceDown(error.to_string())),
                }
            }
            Heard::Not(signals, why) => Answer::fail(Blind::Silent { version, signals, why }),
            Heard::Nothing(error) => Answer::unknown(Blind::SourceDown(error.to_string())),
        }
    }
}

/// Last good on both sides, since the candidate does not run yet.
fn both_sides(version: &VersionName, instances: Vec<Instance>) -> Sides {
    Sides { canary: (version.clone(), instances.clone()), control: (version.clone(), instances) }
}

enum Heard {
    All,
    Not(Vec<SignalName>, Option<String>),
    Nothing(AdapterError),
}

struct Listening {
    metrics: Box<dyn Metrics>,
    sides: Sides,
    now: Timestamp,
    pause: Duration,
}

impl Listening {
    async fn until_all_speak(&mut self, signals: &[Signal]) -> Heard {
        let begun = Instant::now();
        let mut silent: Vec<SignalName> = signals.iter().map(|signal| signal.name.clone()).collect();
        loop {
            let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let at = self.now.plus(ripcord_model::Duration::from_ms(elapsed_ms));
            let heard = self.metrics.read(at, signals, &self.sides).await;
            let late = begun.elapsed() >= PATIENCE;
            let trouble = match heard {
                Err(error) if late => return Heard::Nothing(error),
                Err(_) => None,
                Ok(reading) => {
                    let speaking =
                        signals.iter().zip(&reading.samples).filter(|(_, sample)| has_data(sample.as_ref()));
                    for (signal, _) in speaking {
                        silent.retain(|name| *name != signal.name);
                    }
                    about(&silent, reading.troubles)
                }
            };
            if silent.is_empty() {
                return Heard::All;
            }
            if late {
                return Heard::Not(silent, trouble);
            }
            time::sleep(self.pause).await;
        }
    }
}

/// What was said about the silent ones, else what was said first.
fn about(silent: &[SignalName], troubles: Vec<String>) -> Option<String> {
    let of_silent = |text: &&String| silent.iter().any(|name| text.starts_with(&format!("signal {name}:")));
    troubles.iter().find(of_silent).or(troubles.first()).cloned()
}

fn has_data(sample: Option<&Sample>) -> bool {
    match sample {
        None => false,
        Some(Sample::Counts(_) | Sample::Events(_) | Sample::Exposed(_)) => true,
        // A value that is no number says nothing.
        Some(Sample::Histogram(histogram)) => histogram.values.control.is_some_and(f64::is_finite),
        Some(Sample::Values(values)) => values.control.is_some_and(f64::is_finite),
    }
}

fn names(signals: &[SignalName]) -> String {
    signals.iter().map(SignalName::as_str).collect::<Vec<_>>().join(", ")
}

fn because(why: &Option<String>) -> String {
    why.as_ref().map(|why| format!(": {why}")).unwrap_or_default()
}

#[cfg(test)]
#[path = "signals_tests.rs"]
mod tests;
