//! `ripcord flag retire`: a flag that is not asked for any more.

use ripcord_flags::Edit;

use super::{
    Where,
    change::{Waiting, change},
};
use crate::{commands::Ended, context::Context};

/// Arguments of `ripcord flag retire`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The flag
    flag: String,
    #[command(flatten)]
    waiting: Waiting,
    #[command(flatten)]
    place: Where,
}

const AFTER_HELP: &str = "\
Code that still asks for it gets its own default. The key cannot be used again: old code
would get something it was not written for.

Example:
  ripcord flag retire exam-submit-v2 --why \"v1 is gone\"";

/// Retires it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { flag, waiting, place } = arguments;
    let edit = Edit::Retire { flag: flag.clone() };
    change(context, &place, edit, waiting, |flags| {
        format!("{flag} is gone from {} (change {})", place.environment, flags.revision)
    })
}
