//! A series from a Prometheus server, read as a release would have read it then.

use std::{collections::BTreeSet, net::SocketAddr};

use indicatif::{ProgressBar, ProgressStyle};
use ripcord_adapters::{
    metrics::History,
    port::{AdapterError, Sides},
};
use ripcord_backtest::trace::{Clock, Kind, Step, Trace, Treatment};
use ripcord_engine::Instance;
use ripcord_model::{
    Duration, Timestamp, VersionName,
    blueprint::{Measure, MetricsBinding, MetricsKind, Rule, Signal},
    service::SignalEntry,
};

use super::{Arguments, candidates::Service, measured::Measured};
use crate::{context::Context, desk, failure::CommandError, surroundings};

/// More blocks than this make each of them longer.
const BLOCKS_MAX: u64 = 2_000;
/// So many different troubles are told.
const TROUBLES_MAX: usize = 5;

/// Reads the range, block by block.
pub(super) fn read(
    context: &Context,
    service: &Service,
    entry: &SignalEntry,
    arguments: &Arguments,
) -> Result<Measured, CommandError> {
    let binding = binding(service)?;
    let (canary, control) = versions(arguments)?;
    let from = arguments.from.ok_or_else(|| {
        CommandError::usage("since when is not said").hinted("add --from 2026-11-21T14:00:00Z, or --from 6h")
    })?;
    let to = arguments.to.unwrap_or_else(surroundings::now);
    if from >= to {
        return Err(CommandError::usage(format!("the range ends before it begins: {from} to {to}")));
    }
    let step = arguments.step.unwrap_or_else(|| usual_step(binding.interval, to.since(from)));
    let mut reader = Reader {
        history: History::connect(binding).map_err(failed)?,
        signal: signal(entry),
        sides: Sides { canary: with_instance(canary), control: with_instance(control) },
        troubles: BTreeSet::new(),
    };
    let instants = instants(from, to, step);
    let bar = progress(context, instants.len());
    let steps = desk::runtime()?.block_on(reader.read(&instants, &bar))?;
    bar.finish_and_clear();
    let missing = steps.iter().filter(|step| step.sample.is_none()).count();
    if missing == steps.len() {
        let message = format!(
            "Prometheus has nothing about `{}` on {canary} and {control} from {from} to {to}",
            reader.signal.name
        );
        let troubles = reader.troubles.into_iter().take(TROUBLES_MAX).collect::<Vec<_>>().join("\n");
        return Err(CommandError::refused("no-history", message).because(troubles));
    }
    let treatment = Treatment { rows: steps.len(), missing, ..Treatment::default() };
    let trace = Trace {
        kind: kind(&reader.signal.measure),
        has_control: true,
        clock: Clock::Recorded,
        step,
        steps,
        wrong: None,
        treatment,
    };
    let MetricsKind::Prometheus { url, .. } = &binding.source else {
        return Err(no_prometheus());
    };
    Ok(Measured {
        name: entry.name.value.clone(),
        source: format!("Prometheus at {}, {canary} against {control}", without_secrets(url)),
        trace,
        troubles: reader.troubles.into_iter().take(TROUBLES_MAX).collect(),
    })
}

fn binding(service: &Service) -> Result<&MetricsBinding, CommandError> {
    let production = service.file.production().ok_or_else(|| {
        CommandError::refused("no-production", "ripcord.yaml has no environment `production` to read from")
    })?;
    match &production.metrics.source {
        MetricsKind::Prometheus { .. } => Ok(&production.metrics),
        MetricsKind::Scrape { .. } => Err(no_prometheus()),
    }
}

fn no_prometheus() -> CommandError {
    let message = "production is scraped directly, and what was scraped is not kept";
    CommandError::refused("no-history", message)
        .hinted("ripcord backtest --blocks FILE.csv --signal NAME   replays a recorded series")
}

fn versions(arguments: &Arguments) -> Result<(&VersionName, &VersionName), CommandError> {
    match (&arguments.canary, &arguments.control) {
        (Some(canary), Some(control)) => Ok((canary, control)),
        (_, _) => Err(CommandError::usage("which versions are compared is not said")
            .hinted("add --canary v2 --control v1")),
    }
}

/// Production's interval, or longer so that there are not too many blocks; whole seconds.
fn usual_step(interval: Duration, range: Duration) -> Duration {
    let least_s = range.as_ms().div_ceil(BLOCKS_MAX).div_ceil(1_000);
    interval.max(Duration::from_secs(least_s))
}

fn instants(from: Timestamp, to: Timestamp, step: Duration) -> Vec<Timestamp> {
    let mut instants = Vec::new();
    let mut at = from;
    while at <= to {
        instants.push(at);
        at = at.plus(step.max(Duration::from_ms(1)));
    }
    instants
}

/// The signal with a rule decided by evidence, so that the control's instances are read apart.
fn signal(entry: &SignalEntry) -> Signal {
    Signal { rollback: vec![Rule::WorseThanControl { margin: 0.0 }], ..entry.without_rules() }
}

fn kind(measure: &Measure) -> Kind {
    match measure {
        Measure::Ratio { .. } => Kind::Ratio,
        Measure::Success { .. } => Kind::Success,
        Measure::Count { .. } => Kind::Count,
        Measure::Quantile { .. } => Kind::Quantile,
        Measure::Gauge { .. } => Kind::Value,
    }
}

/// A version of which something ran then; where does not matter to Prometheus.
fn with_instance(version: &VersionName) -> (VersionName, Vec<Instance>) {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    (version.clone(), vec![Instance { version: version.clone(), address }])
}

/// Asks for one block after the other.
struct Reader {
    history: History,
    signal: Signal,
    sides: Sides,
    troubles: BTreeSet<String>,
}

impl Reader {
    async fn read(&mut self, instants: &[Timestamp], bar: &ProgressBar) -> Result<Vec<Step>, CommandError> {
        let mut steps: Vec<Step> = Vec::with_capacity(instants.len());
        let signals = std::slice::from_ref(&self.signal);
        for (index, at) in instants.iter().enumerate() {
            let seq = index as u64 + 1;
            let nothing = Step { seq, at: *at, sample: None, groups: None, requests: Default::default() };
            match self.history.read(*at, signals, &self.sides).await {
                Ok(mut reading) => {
                    self.troubles.extend(reading.troubles);
                    let sample = reading.samples.pop().flatten();
                    let groups = reading.groups.pop().flatten();
                    steps.push(Step { sample, groups, requests: reading.requests, ..nothing });
                }
                // A server that never answers is no gap in the data.
                Err(error) if steps.iter().all(|step| step.sample.is_none()) => return Err(failed(error)),
                Err(error) => {
                    self.troubles.insert(error.to_string());
                    steps.push(nothing);
                }
            }
            bar.inc(1);
        }
        Ok(steps)
    }
}

fn failed(error: AdapterError) -> CommandError {
    CommandError::refused("no-history", error.to_string())
}

fn progress(context: &Context, blocks: usize) -> ProgressBar {
    if context.json || !surroundings::can_ask() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("reading {wide_bar} {pos} of {len} blocks");
    let bar = ProgressBar::new(blocks as u64);
    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}

/// A URL without user and password.
fn without_secrets(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            format!("{scheme}://{}", host.split(['?', '#']).next().unwrap_or_default())
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ranges_have_longer_blocks() {
        let five = Duration::from_secs(5);
        assert_eq!(usual_step(five, Duration::from_mins(60)), five);
        assert_eq!(usual_step(five, Duration::from_mins(24 * 60)), Duration::from_secs(44));
        let from = Timestamp::from_ms(0);
        assert_eq!(instants(from, from.plus(Duration::from_secs(12)), five).len(), 3);
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_secrets("http://u:secret@127.0.0.1:9090/p?x=1"), "http://127.0.0.1:9090/p");
        assert_eq!(without_secrets("http://127.0.0.1:9090"), "http://127.0.0.1:9090");
    }
}
