//! `ripcord flag eval`: what a flag of a file answers, without a server.

use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use ripcord_flags::{
    Configuration, Context as Asking, FractionalVersion, USUAL_FRACTIONAL, read_definitions,
};
use serde_json::{Value, json};

use super::load;
use crate::{
    commands::Ended,
    context::Context,
    failure::{CommandError, Exit},
};

/// Arguments of `ripcord flag eval`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Definitions in flagd's format, JSON or YAML
    #[arg(long, value_name = "FILE")]
    definitions: PathBuf,
    /// The flag
    #[arg(long, value_name = "KEY")]
    flag: String,
    /// Who asks, as JSON
    #[arg(long, value_name = "JSON", default_value = "{}")]
    context: String,
    /// The code's default, as JSON; its type is the one the code asks for
    #[arg(long, value_name = "JSON", default_value = "null")]
    default: String,
    /// The version of fractional for flags that record none
    #[arg(long, value_name = "VERSION", default_value_t = USUAL_FRACTIONAL)]
    fractional: FractionalVersion,
}

const AFTER_HELP: &str = "\
A mistake in one flag does not keep the others from being evaluated. Versions of
fractional: v1, v2, v3; a flag records its own in its metadata, as ripcord.fractional.

Examples:
  ripcord flag eval --definitions flags.json --flag new-submit --default false
  ripcord flag eval --definitions flags.json --flag new-submit --default false \\
    --context '{\"targetingKey\": \"user-1\"}' --json";

/// Evaluates it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { definitions, flag, context: asking, default, fractional } = arguments;
    let source = load::read(&definitions)?;
    let read = read_definitions(&source).map_err(|found| {
        CommandError::refused("flags-wrong", format!("{} cannot be read", source.path)).because(found)
    })?;
    let asking = Asking::new(json_of(&asking, "--context")?)
        .map_err(|error| CommandError::usage(format!("--context: {error}")))?;
    let default = json_of(&default, "--default")?;
    let flags = Configuration::compile(&read.definitions, fractional).with_unreadable(&read.unreadable);
    let answer = flags.evaluate(&flag, &asking, now_seconds()).typed(&default);
    let value = answer.value().unwrap_or(&default);
    let mut said = json!({ "value": value, "variant": answer.variant(), "reason": answer.reason.as_str() });
    if let Some(metadata) = answer.metadata {
        said["metadata"] = Value::Object(metadata.clone());
    }
    let mut text = format!("{value}\n\n  reason     {}\n", answer.reason.as_str());
    if let Some(variant) = answer.variant() {
        text.push_str(&format!("  variant    {variant}\n"));
    }
    if let Some(error) = &answer.error {
        said["errorCode"] = error.code.as_str().into();
        said["errorDetails"] = error.details.clone().into();
        text.push_str(&format!("  error      {}: {}\n", error.code.as_str(), error.details));
    }
    context.answer(&said, &text);
    Ok(Exit::Done)
}

fn json_of(text: &str, what: &str) -> Result<Value, CommandError> {
    serde_json::from_str(text).map_err(|error| CommandError::usage(format!("{what} is no JSON: {error}")))
}

/// What rules see as the time.
fn now_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
