//! Traffic and usual rates, measured on last good in production: the real source, read twice.

use ripcord_adapters::port::{Reading, Sides};
use ripcord_engine::{Arms, Instance, Sample};
use ripcord_model::{
    Duration,
    blueprint::{Blueprint, Measure, Signal},
};
use ripcord_power::SignalLoad;
use ripcord_server::systems::{RealSystems, Systems as _};

use super::numbers::{Numbers, Source};
use crate::{context::Context, desk, failure::CommandError, output, render::words, surroundings};

/// A longer measurement is a mistake.
const TIME_MAX: Duration = Duration::from_mins(60);
/// With fewer bad events a rate is known to a factor of about one and a half at best.
const ROUGH_BELOW: f64 = 20.0;

/// Reads `--measure`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let time: Duration = text.parse().map_err(|_| "expected a time, like 30s or 2m".to_owned())?;
    let usable = time >= Duration::from_secs(1) && time <= TIME_MAX;
    if usable { Ok(time) } else { Err(format!("expected a time from 1s to {TIME_MAX}")) }
}

/// Reads the source of the production environment now and again after `time`.
pub(super) fn measure(
    context: &Context,
    blueprint: &Blueprint,
    time: Duration,
) -> Result<Numbers, CommandError> {
    let systems = RealSystems {
        root: context.root()?,
        state: context.state()?,
        ripcord_program: surroundings::own_program()?,
    };
    if !context.json {
        output::error(&format!("measuring production for {} …\n", time.human()));
    }
    desk::runtime()?.block_on(async {
        let instances = running(&systems, blueprint).await?;
        let reading = read_twice(&systems, blueprint, &instances, time).await?;
        numbers(blueprint, &reading, instances.len(), time)
    })
}

/// The instances of last good that run.
async fn running(systems: &RealSystems, blueprint: &Blueprint) -> Result<Vec<Instance>, CommandError> {
    let refused = |message: String| CommandError::refused("cannot-measure", message).hinted(BY_HAND);
    let Some(last_good) = &blueprint.last_good else {
        return Err(refused("there is no last good to measure".to_owned()));
    };
    let mut instances = systems
        .workload(&blueprint.production)
        .read_back()
        .await
        .map_err(|error| refused("production cannot be asked what runs".to_owned()).because(error))?;
    instances.retain(|instance| instance.version == last_good.version);
    if instances.is_empty() {
        return Err(refused(format!("{} does not run, so nothing can be measured on it", last_good.version)));
    }
    Ok(instances)
}

const BY_HAND: &str = "say it yourself: --traffic 400/s --base SIGNAL=1%";

async fn read_twice(
    systems: &RealSystems,
    blueprint: &Blueprint,
    instances: &[Instance],
    time: Duration,
) -> Result<Reading, CommandError> {
    let failed = |error| {
        CommandError::refused("cannot-measure", "the source of the numbers does not answer")
            .because(error)
            .hinted(BY_HAND)
    };
    let version = instances[0].version.clone();
    // Nothing else runs yet: last good stands on both sides, as at the gate.
    let sides =
        Sides { canary: (version.clone(), instances.to_vec()), control: (version, instances.to_vec()) };
    let mut metrics = systems.metrics(&blueprint.production).map_err(failed)?;
    metrics.read(surroundings::now(), &blueprint.signals, &sides).await.map_err(failed)?;
    tokio::time::sleep(time.to_std()).await;
    metrics.read(surroundings::now(), &blueprint.signals, &sides).await.map_err(failed)
}

/// What the second reading says about the time since the first.
fn numbers(
    blueprint: &Blueprint,
    reading: &Reading,
    instances: usize,
    time: Duration,
) -> Result<Numbers, CommandError> {
    let seconds = time.as_secs_f64();
    let heard: Vec<(&Signal, Heard)> = blueprint
        .signals
        .iter()
        .zip(&reading.samples)
        .filter_map(|(signal, sample)| Some((signal, heard(signal, sample.as_ref()?)?)))
        .collect();
    let most = heard.iter().filter_map(|(_, heard)| heard.events).fold(0.0, f64::max);
    let counted = reading.requests.control as f64;
    let requests = if counted > 0.0 { counted } else { most };
    if requests <= 0.0 {
        let error = CommandError::refused("cannot-measure", "no request was counted on last good meanwhile");
        let error = reading.troubles.iter().fold(error, |error, trouble| error.hinted(trouble.clone()));
        return Err(error.hinted("measure for longer: --measure 2m").hinted(BY_HAND));
    }
    let mut numbers = Numbers { traffic: Source::Measured, ..Numbers::default() };
    numbers.load.requests_per_second = requests / seconds;
    numbers.load.instances = u32::try_from(instances).ok();
    numbers.how =
        Some(format!("measured over {} on {}", time.human(), words::counted(instances as u64, "instance")));
    for (signal, heard) in heard {
        let events = heard.events.unwrap_or(requests);
        if events <= 0.0 {
            continue;
        }
        let load = SignalLoad { events_per_second: Some(events / seconds), base_rate: heard.bad / events };
        numbers.load.signals.insert(signal.name.clone(), load);
        numbers.signals.insert(signal.name.clone(), Source::Measured);
        if heard.bad > 0.0 && heard.bad < ROUGH_BELOW {
            let bad = words::counted(heard.bad.round() as u64, "bad event");
            numbers.notes.push(format!("{}: only {bad} seen, so its rate is rough", signal.name));
        }
    }
    numbers.notes.extend(reading.troubles.iter().take(3).cloned());
    Ok(numbers)
}

/// Bad events among events; without events of their own among requests.
struct Heard {
    events: Option<f64>,
    bad: f64,
}

fn heard(signal: &Signal, sample: &Sample) -> Option<Heard> {
    match sample {
        Sample::Counts(Arms { control, .. }) => {
            Some(Heard { events: Some(control.n as f64), bad: control.bad as f64 })
        }
        Sample::Events(Arms { control, .. }) => Some(Heard { events: None, bad: *control }),
        Sample::Exposed(Arms { control, .. }) => {
            Some(Heard { events: Some(control.exposure), bad: control.events })
        }
        Sample::Histogram(histogram) => {
            let Measure::Quantile { q, .. } = signal.measure else { return None };
            beyond_edge(&histogram.counts.control, q)
        }
        // Of a gauge, or of a quantile without buckets, one value says nothing about how often.
        Sample::Values(_) => None,
    }
}

/// Answers beyond the first bucket bound that at least `q` of all stay within.
fn beyond_edge(counts: &[u64], q: f64) -> Option<Heard> {
    let all: u64 = counts.iter().sum();
    let mut within = 0;
    for count in counts {
        within += count;
        if within as f64 >= q * all as f64 {
            break;
        }
    }
    // When none is beyond, the definition of the quantile says more than the buckets do.
    let beyond = (all - within) as f64;
    let bad = if beyond > 0.0 { beyond } else { (1.0 - q) * all as f64 };
    (all > 0).then_some(Heard { events: Some(all as f64), bad })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_slow_answers_is_counted_at_the_edge_of_the_quantile() {
        let heard = |counts: &[u64], q| beyond_edge(counts, q).map(|heard| (heard.events, heard.bad));
        assert_eq!(heard(&[900, 85, 10, 5], 0.9), Some((Some(1_000.0), 100.0)));
        assert_eq!(heard(&[900, 85, 10, 5], 0.99), Some((Some(1_000.0), 5.0)));
        let (events, bad) = heard(&[1_000, 0, 0], 0.99).unwrap();
        assert!(events == Some(1_000.0) && (bad - 10.0).abs() < 1e-9, "as the quantile says: {bad}");
        assert_eq!(heard(&[0, 0], 0.5), None);
    }

    #[test]
    fn times_are_bounded() {
        assert_eq!(time("30s"), Ok(Duration::from_secs(30)));
        for bad in ["", "soon", "500ms", "2h", "first"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
