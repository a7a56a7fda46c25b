//! `ripcord flag set`: everybody gets one variant.

use ripcord_flags::Edit;

use super::{
    Where,
    change::{Waiting, change},
};
use crate::{commands::Ended, context::Context};

/// Arguments of `ripcord flag set`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The flag
    flag: String,
    /// The variant; on and off are understood for every flag of truth values
    variant: String,
    #[command(flatten)]
    waiting: Waiting,
    /// Only if its newest change is still this one
    #[arg(long, value_name = "REVISION")]
    seen: Option<u64>,
    #[command(flatten)]
    place: Where,
}

const AFTER_HELP: &str = "\
The rule of the flag is gone after it; the record keeps it. A client that keeps its
answers serves the old one until it asks again: with --wait the command ends when all have.

Examples:
  ripcord flag set exam-submit-v2 off --wait --why \"complaints\"
  ripcord flag set page-size large --environment staging";

/// Sets it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { flag, variant, waiting, seen, place } = arguments;
    let edit = Edit::Set { flag: flag.clone(), variant, seen };
    change(context, &place, edit, waiting, |flags| {
        let state = flags.flags.get(&flag).map_or("gone", |view| view.state.as_str());
        format!("{flag} is {state} for everybody in {} (change {})", place.environment, flags.revision)
    })
}
