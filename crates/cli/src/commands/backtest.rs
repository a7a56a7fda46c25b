//! `ripcord backtest`: rules replayed over recorded history.

mod answer;
mod candidates;
mod measured;
mod picture;
mod prometheus;
mod recorded;

use std::path::{Path, PathBuf};

use ripcord_backtest::{
    baseline::{Extent, NoBaseline, baseline},
    columns::Named,
    instant,
    replay::{self, Settings},
    trace::Mark,
};
use ripcord_model::{Duration, SignalName, Timestamp, VersionName, blueprint::EvidencePlan};

pub use self::answer::{Answer, Wrong};
use self::{
    candidates::{Service, TriedRules},
    measured::Measured,
};
use super::Ended;
use crate::{
    context::Context,
    failure::{CommandError, Exit},
    render, surroundings,
};

/// Arguments of `ripcord backtest`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The signal: of ripcord.yaml, or any name for what is in the file
    #[arg(value_name = "SIGNAL")]
    positional: Option<SignalName>,
    /// The same, as an option
    #[arg(long, value_name = "SIGNAL", conflicts_with = "positional")]
    signal: Option<SignalName>,
    /// A recorded series: CSV with a header, or JSON lines; - is standard input [default: Prometheus]
    #[arg(long, value_name = "FILE")]
    blocks: Option<PathBuf>,
    /// Rules to try, separated by `;`; several times: side by side [default: those of ripcord.yaml]
    #[arg(long, value_name = "RULES")]
    rules: Vec<String>,
    /// When something was known to be wrong: an instant or a block's number, to the end or to ..UNTIL
    #[arg(long, value_name = "FROM[..UNTIL]")]
    onset: Vec<Mark>,
    /// Draw signal, evidence and firings into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// How much of the series shows how it was before: 20%, 6h, or 200 (rows) [default: 15%]
    #[arg(long, value_name = "EXTENT")]
    baseline: Option<Extent>,
    /// The accepted chance that a rule decided by evidence fires on a good release
    #[arg(long, value_name = "CHANCE", value_parser = chance, default_value = "0.1%")]
    alpha: f64,
    /// Spread the evidence over a release of this length [default: the length of the series]
    #[arg(long, value_name = "DURATION")]
    planned: Option<Duration>,
    /// Not before this instant; a duration counts back from now
    #[arg(long, value_name = "INSTANT", value_parser = at)]
    from: Option<Timestamp>,
    /// Not after this instant
    #[arg(long, value_name = "INSTANT", value_parser = at)]
    to: Option<Timestamp>,
    /// What columns mean: ROLE=COLUMN, like time=timestamp,value=latency
    #[arg(long, value_name = "ROLE=COLUMN", value_delimiter = ',', help_heading = "For files")]
    columns: Vec<Named>,
    /// Only rows whose column has this text
    #[arg(long = "where", value_name = "COLUMN=TEXT", value_parser = only, help_heading = "For files")]
    only: Vec<(String, String)>,
    /// Time between blocks of a file that has only numbers [default: 5s]
    #[arg(long, value_name = "DURATION", help_heading = "For files")]
    interval: Option<Duration>,
    /// The version that is judged
    #[arg(long, value_name = "VERSION", help_heading = "For Prometheus")]
    canary: Option<VersionName>,
    /// The version it is compared with
    #[arg(long, value_name = "VERSION", help_heading = "For Prometheus")]
    control: Option<VersionName>,
    /// Time between blocks [default: production's interval, longer for long ranges]
    #[arg(long, value_name = "DURATION", help_heading = "For Prometheus")]
    step: Option<Duration>,
}

const AFTER_HELP: &str = "\
Replays the rules with the code that decides in production, and says when each would have
fired, how long after the onset, and how often with nothing wrong. After a firing
everything begins anew, as a new release would.

A file has a row per block: seq or time, canary_n, canary_bad, control_n, control_bad; or
one series: timestamp,value or timestamp,requests,errors. Most names of columns are
recognised. A column label, anomaly or onset (0 or 1) marks where something was wrong.

Examples:
  ripcord backtest --blocks blocks.csv --signal submit-errors --onset 900
  ripcord backtest --blocks latency.csv --signal latency --onset \"2014-03-14 03:31\" --svg l.svg
  ripcord backtest --blocks errors.csv --signal errors --rules \"over 1%\" --rules \"above 5% for 5m\"
  ripcord backtest submit-errors --canary v2 --control v1 --from 6h --onset 2026-11-21T14:02:00Z";

/// Reads the series, replays the rules, and answers.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let name = arguments.positional.clone().or_else(|| arguments.signal.clone());
    let service = candidates::service(context, name.as_ref(), arguments.blocks.is_some())?;
    let entry = service.as_ref().and_then(|service| service.entry.clone());
    let mut measured = match (&arguments.blocks, &service, &entry) {
        (Some(path), _, _) => recorded::read(path, name, &arguments)?,
        (None, Some(service), Some(entry)) => prometheus::read(context, service, entry, &arguments)?,
        (None, _, _) => return Err(no_source()),
    };
    if !arguments.onset.is_empty() {
        let marked = measured.trace.mark(&arguments.onset);
        marked.map_err(|error| CommandError::refused("no-such-onset", error.to_string()))?;
    }
    let measure = entry.as_ref().and_then(|entry| replay::adopt(&mut measured.trace, &entry.measure.value));
    let past = baseline(&measured.trace, arguments.baseline.unwrap_or_default());
    let tried =
        candidates::candidates(&arguments.rules, entry.as_ref(), &measured.trace, past.as_ref().ok())?;
    let settings = Settings {
        name: measured.name.clone(),
        measure,
        window: entry.as_ref().map(|entry| entry.window),
        plan: plan(&measured, service.as_ref(), arguments.planned),
        false_rollback: arguments.alpha,
        baseline: if tried.needs_baseline() { Some(past.map_err(no_baseline)?) } else { None },
    };
    replayed(context, &measured, &tried, &settings, arguments.svg.as_deref())
}

/// Replays, draws and answers.
fn replayed(
    context: &Context,
    measured: &Measured,
    tried: &TriedRules,
    settings: &Settings,
    svg: Option<&Path>,
) -> Ended {
    let run = |candidate| replay::replay(&measured.trace, candidate, settings);
    let answer = Answer::new(measured, tried, settings, tried.candidates.iter().map(run).collect(), svg);
    if let Some(path) = svg {
        picture::write(path, measured, settings, &answer)?;
    }
    let json = serde_json::to_value(&answer).expect("an answer is plain data");
    context.answer(&json, &render::backtest::answer(&answer, &context.look));
    Ok(Exit::Done)
}

/// Spread over the series, and weighed as the service says.
fn plan(measured: &Measured, service: Option<&Service>, planned: Option<Duration>) -> EvidencePlan {
    let usual = replay::plan(&measured.trace, planned);
    let Some(written) = service.map(|service| &service.file.evidence) else { return usual };
    let contain = written.contain.map_or(usual.contain, |contain| contain.value.fraction());
    let dispersion = written.dispersion.map_or(usual.dispersion, |dispersion| dispersion.value);
    EvidencePlan { contain, dispersion, ..usual }
}

fn no_source() -> CommandError {
    CommandError::usage("there is nothing to replay")
        .hinted("ripcord backtest --blocks FILE.csv --signal NAME")
}

fn no_baseline(error: NoBaseline) -> CommandError {
    CommandError::refused("no-baseline", error.to_string())
        .hinted("rules that need none: `over 1%`, `above 5% for 5m`, `worse than control by 20%`")
}

/// An instant in any form of recorded files, or a duration counted back from now.
fn at(text: &str) -> Result<Timestamp, String> {
    if let Ok(ago) = text.parse::<Duration>() {
        return Ok(surroundings::now().minus(ago));
    }
    match instant::parse(text) {
        Some(instant::Instant::At(at)) => Ok(at),
        Some(instant::Instant::Number(_)) | None => {
            Err(format!("expected {}, or a duration", instant::EXPECTED))
        }
    }
}

/// `0.1%` or `0.001`.
fn chance(text: &str) -> Result<f64, String> {
    let (digits, scale) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 100.0));
    match digits.trim().parse::<f64>().map(|number| number / scale) {
        Ok(chance) if chance > 0.0 && chance < 1.0 => Ok(chance),
        Ok(_) | Err(_) => Err("expected a chance above 0 and below 1, like 0.1%".to_owned()),
    }
}

/// `COLUMN=TEXT`.
fn only(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or_else(|| "expected COLUMN=TEXT".to_owned())?;
    Ok((column.trim().to_owned(), value.trim().to_owned()))
}
