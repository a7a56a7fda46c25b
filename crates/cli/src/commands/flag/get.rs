//! `ripcord flag get`.

use super::Where;
use crate::{
    commands::Ended,
    context::Context,
    desk,
    failure::{CommandError, Exit},
    host::Desk,
};

/// Arguments of `ripcord flag get`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The flag
    flag: String,
    /// Status 1 unless it stands like this: on, off, a variant
    #[arg(long, value_name = "STATE")]
    expect: Option<String>,
    #[command(flatten)]
    place: Where,
}

const AFTER_HELP: &str = "\
Prints on, off, a variant, the share of a ramp, rule, or code-default.

Examples:
  ripcord flag get exam-submit-v2
  ripcord flag get exam-submit-v2 --expect off && echo it is off";

/// Shows it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { flag, expect, place } = arguments;
    let flags = desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let flags = desk.client.flags(&place.environment).await;
        desk.close().await;
        flags.map_err(|error| desk::failure(context, error))
    })?;
    let view = flags.flags.get(&flag).ok_or_else(|| super::no_such_flag(&flag, &place.environment))?;
    if let Some(expected) = expect.filter(|expected| *expected != view.state) {
        let message = format!("{flag} is {} in {}, not {expected}", view.state, place.environment);
        return Err(CommandError::refused("not-as-expected", message)
            .hinted(format!("ripcord flag set {flag} {expected} --wait")));
    }
    let value = serde_json::to_value(view).expect("a flag is plain data");
    context.answer(&value, &format!("{}\n", view.state));
    Ok(Exit::Done)
}
