//! `ripcord metrics`: numbers over many releases, from the ledger.

use ripcord_model::{Duration, ServiceName, Timestamp};
use ripcord_report::metrics::{Asked, metrics};
use ripcord_store::Filter;

use super::{Ended, audit};
use crate::{context::Context, failure::Exit, record, render};

/// Arguments of `ripcord metrics`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Only releases created at this instant or later: RFC 3339, or counted back from now: 30d
    #[arg(long, value_name = "INSTANT", value_parser = audit::instant)]
    since: Option<Timestamp>,
    /// Only releases of this service
    #[arg(long, value_name = "SERVICE")]
    service: Option<ServiceName>,
    /// From the first sign to the decision: longer is hesitation
    #[arg(long, value_name = "TIME", default_value = "5m")]
    hesitation: Duration,
}

const AFTER_HELP: &str = "\
How long it takes to go back or to contain, how often that succeeds, which kinds of
changes have a rehearsed way back, where somebody hesitated, rehearsed against actual
time, and change fail rate, failed deployment recovery time and deployment frequency as
DORA defines them. docs/metrics.md defines every number. Times are raw values and
medians; there is no mean of times. With --json every value names its entries.

Examples:
  ripcord metrics
  ripcord metrics --since 90d --service exams
  ripcord metrics --json | jq .change_fail_rate";

/// Reads, computes, tells.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { since, service, hesitation } = arguments;
    let entries = record::read(context, Filter::default())?;
    let numbers = metrics(&entries, &Asked { since, service, hesitation_limit: hesitation });
    let value = serde_json::to_value(&numbers).expect("numbers are plain data");
    context.answer(&value, &render::metrics::metrics(&numbers, &context.look));
    Ok(Exit::Done)
}
