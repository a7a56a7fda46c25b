//! There is room for the release: a signal of last good has stayed on the good side of a limit for long enough.
//!
//! Half a minute is watched; what is asked for a longer time is asked of the source's past, piece
//! by piece, each by its mean. No data is no room.

use std::time::Duration;

use async_trait::async_trait;
use ripcord_adapters::port::{AdapterError, Metrics, Past, Sides, Stretch};
use ripcord_engine::Sample;
use ripcord_model::{
    SignalName, Timestamp, VersionName,
    blueprint::{Blueprint, Capacity, Condition, Direction, Limit, Measure, Signal, Sustain},
};
use tokio::time::{self, Instant};

use super::{Answer, Check, Inquiry, Reason, answer::LIMIT_MAX, baseline::Short};

/// What lies further back is asked of the past.
const WATCHED_MAX: Duration = Duration::from_secs(30);
/// A piece of the past needs this many readings to have a mean.
const READINGS_PER_PIECE: u64 = 15;
/// More pieces than this are more questions, and no better an answer.
const PIECES_MAX: u64 = 5;
/// What asking may take beyond the time that is watched.
const SLACK: Duration = Duration::from_secs(15);
/// The longest pause between two readings.
const PAUSE_MAX: Duration = Duration::from_secs(5);

pub(super) struct Headroom;

#[derive(Debug, thiserror::Error)]
enum Tight {
    #[error("{signal} was {} on {version}, and has to be {wanted}", Short(*.value))]
    NoRoom { signal: SignalName, version: VersionName, value: f64, wanted: String },
    #[error("{0} is not a signal of this release")]
    NoSignal(SignalName),
    #[error("no data on {signal}{}", because(.why))]
    NoData { signal: SignalName, why: Option<String> },
    #[error("the source of the numbers does not answer: {0}")]
    SourceDown(String),
}

fn because(why: &Option<String>) -> String {
    why.as_ref().map(|why| format!(": {why}")).unwrap_or_default()
}

impl Reason for Tight {
    fn fix(&self) -> String {
        match self {
            Self::NoRoom { .. } => {
                "add capacity, or wait until there is less to do; then ask again".to_owned()
            }
            Self::NoSignal(_) => "name a signal of ripcord.yaml in `gate: capacity:`".to_owned(),
            Self::NoData { .. } => {
                "make sure that last good exposes this metric under the name in ripcord.yaml".to_owned()
            }
            Self::SourceDown(_) => "bring the source back, or mend `metrics` in ripcord.yaml".to_owned(),
        }
    }
}

#[async_trait]
impl Check for Headroom {
    fn name(&self) -> &'static str {
        "capacity"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.checks.capacity.is_some()
    }

    fn limit(&self, blueprint: &Blueprint) -> Duration {
        let watched = blueprint.checks.capacity.as_ref().map(sustained).unwrap_or_default().min(WATCHED_MAX);
        (watched + SLACK + blueprint.production.metrics.timeout.to_std().saturating_mul(8)).min(LIMIT_MAX)
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let Some(capacity) = &blueprint.checks.capacity else { return Answer::pass("no room is asked for") };
        let Some(last_good) = &blueprint.last_good else {
            return Answer::unknown(Tight::NoData {
                signal: capacity.signal.clone(),
                why: Some("there is no last good to measure".to_owned()),
            });
        };
        let Some(signal) = blueprint.signals.iter().find(|signal| signal.name == capacity.signal) else {
            return Answer::fail(Tight::NoSignal(capacity.signal.clone()));
        };
        let version = last_good.version.clone();
        match measure(inquiry, capacity, signal, &version).await {
            Ok(values) => judge(capacity, &version, &values),
            Err(tight) => Answer::unknown(tight),
        }
    }
}

/// How long it must have held.
fn sustained(capacity: &Capacity) -> Duration {
    match capacity.condition.sustain {
        Sustain::For(duration) | Sustain::In(duration) => duration.to_std(),
    }
}

/// Every value that was seen over the time asked about; never empty.
async fn measure(
    inquiry: &Inquiry,
    capacity: &Capacity,
    signal: &Signal,
    version: &VersionName,
) -> Result<Vec<f64>, Tight> {
    let production = &inquiry.question.blueprint.production;
    let down = |error: AdapterError| Tight::SourceDown(error.to_string());
    let mut metrics = inquiry.connections.metrics(production).map_err(down)?;
    let asked = sustained(capacity);
    if asked > WATCHED_MAX {
        let interval = production.metrics.interval.to_std();
        return remembered(metrics.as_mut(), signal, version, (inquiry.now, asked, interval)).await;
    }
    let mut instances = inquiry.connections.workload(production).read_back().await.map_err(down)?;
    instances.retain(|instance| instance.version == *version);
    let both = (version.clone(), instances);
    let sides = Sides { canary: both.clone(), control: both };
    let pause = production.metrics.interval.to_std().min(PAUSE_MAX);
    watched(metrics.as_mut(), signal, &sides, (inquiry.now, asked, pause)).await
}

/// Reads until the time has passed since the first value. The first reading of a counter has none.
async fn watched(
    metrics: &mut dyn Metrics,
    signal: &Signal,
    sides: &Sides,
    (now, asked, pause): (Timestamp, Duration, Duration),
) -> Result<Vec<f64>, Tight> {
    let (begun, signals) = (Instant::now(), std::slice::from_ref(signal));
    let (mut values, mut first, mut readings, mut why) = (Vec::new(), None, 0, None);
    loop {
        let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let at = now.plus(ripcord_model::Duration::from_ms(elapsed_ms));
        let reading = metrics.read(at, signals, sides).await;
        let reading = reading.map_err(|error| Tight::SourceDown(error.to_string()))?;
        readings += 1;
        match reading.samples.first().and_then(Option::as_ref).and_then(|sample| value(signal, sample)) {
            Some(value) => {
                first.get_or_insert_with(Instant::now);
                values.push(value);
            }
            // A hole in the middle is not known to be good.
            None if first.is_some() || readings > 2 => {
                why = reading.troubles.into_iter().next();
                values.clear();
                break;
            }
            None => {}
        }
        if first.is_some_and(|first: Instant| first.elapsed() >= asked) {
            break;
        }
        time::sleep(pause).await;
    }
    if values.is_empty() {
        return Err(Tight::NoData { signal: signal.name.clone(), why });
    }
    Ok(values)
}

/// The mean of every piece of the time asked about. A source that scrapes rarely has too few samples in every piece:
/// then the pieces are made longer. Too few in some of them is a hole, and no data.
async fn remembered(
    metrics: &mut dyn Metrics,
    signal: &Signal,
    version: &VersionName,
    (now, asked, interval): (Timestamp, Duration, Duration),
) -> Result<Vec<f64>, Tight> {
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    let pieces = milliseconds(asked) / milliseconds(interval).saturating_mul(READINGS_PER_PIECE);
    let mut pieces = pieces.clamp(1, PIECES_MAX);
    loop {
        let length = ripcord_model::Duration::from_ms(milliseconds(asked) / pieces);
        let (mut values, mut why) = (Vec::new(), None);
        for piece in (0..pieces).rev() {
            let until = now.minus(ripcord_model::Duration::from_ms(length.as_ms() * piece));
            match mean(metrics, signal, version, Stretch { until, length }).await? {
                Ok(value) => values.push(value),
                Err(trouble) => why = trouble,
            }
        }
        if values.len() as u64 == pieces {
            return Ok(values);
        }
        if pieces == 1 || !values.is_empty() {
            return Err(Tight::NoData { signal: signal.name.clone(), why });
        }
        pieces /= 2;
    }
}

/// What the signal was on average over a stretch, or why nobody knows.
async fn mean(
    metrics: &mut dyn Metrics,
    signal: &Signal,
    version: &VersionName,
    stretch: Stretch,
) -> Result<Result<f64, Option<String>>, Tight> {
    match metrics.past(std::slice::from_ref(signal), version, stretch).await {
        Err(error) => Err(Tight::SourceDown(error.to_string())),
        Ok(Past::Forgotten) => {
            let why = Some("the source keeps no past; ask for at most 30s".to_owned());
            Err(Tight::NoData { signal: signal.name.clone(), why })
        }
        Ok(Past::Known { measured, troubles }) => match measured.first().copied().flatten() {
            Some(measured) => Ok(Ok(measured.value)),
            None => Ok(Err(troubles.into_iter().next())),
        },
    }
}

/// The control's side of a sample as the number that limits are compared with. Success ratios count what is not good.
fn value(signal: &Signal, sample: &Sample) -> Option<f64> {
    match sample {
        Sample::Counts(arms) if arms.control.n > 0 => {
            let bad = arms.control.bad as f64 / arms.control.n as f64;
            let is_success = matches!(signal.measure, Measure::Success { .. });
            Some(if is_success { 1.0 - bad } else { bad })
        }
        Sample::Values(arms) => arms.control.filter(|value| value.is_finite()),
        Sample::Counts(_) | Sample::Events(_) | Sample::Exposed(_) | Sample::Histogram(_) => None,
    }
}

fn judge(capacity: &Capacity, version: &VersionName, values: &[f64]) -> Answer {
    let Condition { direction, limit, .. } = &capacity.condition;
    let Limit::Absolute(limit) = limit else {
        return Answer::fail(Tight::NoSignal(capacity.signal.clone()));
    };
    let worst = match direction {
        Direction::Above => values.iter().copied().fold(f64::INFINITY, f64::min),
        Direction::Below => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    };
    let holds = match direction {
        Direction::Above => worst > limit.value(),
        Direction::Below => worst < limit.value(),
    };
    let (signal, version) = (capacity.signal.clone(), version.clone());
    let wanted = ripcord_model::blueprint::Rule::Threshold(capacity.condition.clone()).to_string();
    if holds {
        let worst = Short(worst);
        return Answer::pass(format!("{signal} was {worst} at worst on {version}, {wanted}"));
    }
    Answer::fail(Tight::NoRoom { signal, version, value: worst, wanted })
}

#[cfg(test)]
#[path = "capacity_tests.rs"]
mod tests;
