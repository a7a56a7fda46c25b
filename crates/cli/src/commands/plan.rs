//! `ripcord plan`: the compiled plan, as people read it or as the blueprint itself, and what it can see.

mod amounts;
mod matrix;
mod measure;
mod numbers;

use ripcord_model::{
    Duration, ReleaseName,
    blueprint::Blueprint,
    compile::{CompileContext, compile},
};
use ripcord_power::Power;

use self::{
    amounts::{Base, Traffic},
    numbers::{Numbers, Source},
};
use super::Ended;
use crate::{
    context::{Context, release_name},
    failure::{CommandError, Exit},
    files, output, record, render,
};

/// Arguments of `ripcord plan`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release: releases/NAME.yaml
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// Requests over all versions, to see what the stages can notice: 400/s, 24k/min
    #[arg(long, value_name = "RATE", help_heading = "Power")]
    traffic: Option<Traffic>,
    /// How often a signal is bad while nothing is wrong: errors=0.9%, crashes=3/day; of a success ratio the ratio
    /// itself: checkout=97%; with events of its own: submits=0.9%@40/s (may be repeated)
    #[arg(long, value_name = "SIGNAL=RATE", help_heading = "Power")]
    base: Vec<Base>,
    /// Measure both on last good in production for this long; what is given goes before what is measured
    #[arg(
        long,
        value_name = "TIME",
        num_args = 0..=1,
        default_missing_value = "30s",
        value_parser = measure::time,
        help_heading = "Power"
    )]
    measure: Option<Duration>,
    /// Show only what the stages can notice, in full
    #[arg(long, help_heading = "Power")]
    power: bool,
    /// Show only the reversibility matrix: per change how far it can be undone, at which level, and what limits the damage
    #[arg(long, conflicts_with_all = ["power", "traffic", "base", "measure"])]
    matrix: bool,
}

const AFTER_HELP: &str = "\
Compiles and changes nothing. The same files and the same last good version give the same
hash. With --json the blueprint itself is printed, byte for byte what is hashed; with
--power --json what the stages can notice instead, with --matrix --json the matrix.

Power: how long a regression of 1.5, 2, 5 and 10 times the usual goes unnoticed that
begins with a stage, how many requests of the candidate are bad until then, and whether a
stage can show that nothing is wrong. It is simulated with the tests that decide, from
the traffic and the usual rates that you give or that are measured. Stages that harm
fewer users in the same time are proposed.

Examples:
  ripcord plan exam-submit-v2
  ripcord plan exam-submit-v2 --json | sha256sum
  ripcord plan exam-submit-v2 --traffic 400/s --base submit-errors=0.9%
  ripcord plan exam-submit-v2 --measure 1m --power";

/// Compiles and prints.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    check(context, &arguments)?;
    let blueprint = compiled(context, &arguments.release)?;
    let matrix = matrix::of(context, &blueprint)?;
    if arguments.matrix {
        let value = serde_json::to_value(&matrix).expect("a matrix is plain data");
        context.answer(&value, &render::plan::matrix(&matrix, &context.look));
        return Ok(Exit::Done);
    }
    let numbers = numbers(context, &blueprint, &arguments)?;
    let seen = numbers.as_ref().map(|numbers| power(&blueprint, numbers)).transpose()?;
    match (context.json, arguments.power) {
        (true, false) => output::raw(blueprint.canonical_json()),
        (true, true) => {
            let seen = seen.as_ref().expect("it was checked that there are numbers");
            output::line(&json(&blueprint, numbers.as_ref(), seen).to_string());
        }
        (false, false) => {
            let seen = seen.as_ref().zip(numbers.as_ref().map(Numbers::words));
            let confirmed = matrix::confirmed(context, &blueprint)?;
            output::raw(render::plan::plan(&blueprint, &matrix, confirmed.as_ref(), seen, &context.look));
        }
        (false, true) => {
            let seen = seen.as_ref().expect("it was checked that there are numbers");
            let words = numbers.as_ref().map(Numbers::words).unwrap_or_default();
            output::raw(render::plan::power::full(&blueprint.release, seen, &words, &context.look));
        }
    }
    Ok(Exit::Done)
}

/// Flags that make no sense together are refused before anything is asked.
fn check(context: &Context, arguments: &Arguments) -> Result<(), CommandError> {
    let has_traffic = arguments.traffic.is_some() || arguments.measure.is_some();
    if !arguments.base.is_empty() && !has_traffic {
        return Err(CommandError::usage("--base says how often, but not of how much")
            .hinted("add --traffic 400/s, or --measure"));
    }
    if arguments.power && !has_traffic {
        return Err(CommandError::usage("what can be noticed depends on the traffic")
            .hinted("add --traffic 400/s and --base SIGNAL=1%, or --measure"));
    }
    if context.json && has_traffic && !arguments.power {
        return Err(CommandError::usage("the blueprint does not depend on the traffic")
            .hinted("add --power for what can be noticed, as JSON")
            .hinted("leave --traffic and --measure out for the blueprint"));
    }
    Ok(())
}

pub(super) fn compiled(context: &Context, release: &ReleaseName) -> Result<Blueprint, CommandError> {
    let root = context.root()?;
    let (plan_source, plan) = files::plan(&root, release)?;
    let service_source = files::source(&root, files::SERVICE)?;
    let service = files::service(&root)?;
    let (templates, mistakes, texts) = ripcord_server::templates::read(&root, &service, &plan);
    if !mistakes.is_empty() {
        let sources: Vec<_> = [&service_source, &plan_source].into_iter().chain(&texts).collect();
        return Err(files::invalid(&mistakes, &sources, &context.look));
    }
    let sources = [&service_source, &plan_source];
    let compile_context = CompileContext {
        last_good: record::last_good(&context.state()?, &service.service.value),
        sources: files::digests(&sources),
        ripcord_version: env!("CARGO_PKG_VERSION").to_owned(),
        templates,
    };
    let mut blueprint = compile(&service, &plan, &compile_context)
        .map_err(|found| files::invalid(&found, &sources, &context.look))?;
    ripcord_server::fixed::fix(&root, &mut blueprint);
    Ok(blueprint)
}

/// What the plan will meet, as given and measured; nothing when neither was asked for.
fn numbers(
    context: &Context,
    blueprint: &Blueprint,
    arguments: &Arguments,
) -> Result<Option<Numbers>, CommandError> {
    let mut numbers = match arguments.measure {
        Some(time) => measure::measure(context, blueprint, time)?,
        None => Numbers::default(),
    };
    if let Some(traffic) = arguments.traffic {
        numbers.take_traffic(traffic);
    }
    for base in &arguments.base {
        numbers.take_base(blueprint, base)?;
    }
    let asked = arguments.measure.is_some() || arguments.traffic.is_some();
    Ok(asked.then_some(numbers))
}

fn power(blueprint: &Blueprint, numbers: &Numbers) -> Result<Power, CommandError> {
    ripcord_power::power(blueprint, &numbers.load).map_err(|error| CommandError::usage(error.to_string()))
}

fn json(blueprint: &Blueprint, numbers: Option<&Numbers>, power: &Power) -> serde_json::Value {
    let sources = numbers.map(|numbers| (numbers.traffic, &numbers.signals));
    let word = |source: Source| match source {
        Source::Given => "given",
        Source::Measured => "measured",
    };
    let signals: serde_json::Map<String, serde_json::Value> = sources
        .iter()
        .flat_map(|(_, signals)| signals.iter())
        .map(|(name, source)| (name.to_string(), word(*source).into()))
        .collect();
    serde_json::json!({
        "release": blueprint.release,
        "blueprint": blueprint.hash(),
        "sources": { "traffic": sources.map(|(traffic, _)| word(traffic)), "signals": signals },
        "power": power,
    })
}
