//! `ripcord flag create`: a flag that is off.

use clap::ValueEnum;
use ripcord_flags::Edit;
use serde_json::Map;

use super::{
    Where,
    change::{Waiting, change},
};
use crate::{commands::Ended, context::Context};

/// Arguments of `ripcord flag create`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The flag
    flag: String,
    /// What it is for
    #[arg(long, value_enum, default_value_t = Kind::Release)]
    kind: Kind,
    /// Who looks after it
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    #[command(flatten)]
    waiting: Waiting,
    #[command(flatten)]
    place: Where,
}

/// What a flag is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// A change that is being taken to users
    Release,
    /// A question to be answered by numbers
    Experiment,
    /// A setting of those who operate the service
    Operational,
    /// A switch for emergencies, which stays
    KillSwitch,
}

const AFTER_HELP: &str = "\
The flag has the variants on and off, and is off. Write the code so that off is the safe
side: every failure serves the code's default.

Examples:
  ripcord flag create exam-submit-v2 --owner maya
  ripcord flag create payments --kind kill-switch";

/// Makes it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { flag, kind, owner, waiting, place } = arguments;
    let kind = kind.to_possible_value().expect("no kind is hidden").get_name().to_owned();
    let mut metadata = Map::new();
    metadata.insert("ripcord.kind".to_owned(), kind.into());
    if let Some(owner) = owner {
        metadata.insert("ripcord.owner".to_owned(), owner.into());
    }
    let edit = Edit::Create { flag: flag.clone(), metadata };
    change(context, &place, edit, waiting, |flags| {
        format!("{flag} exists in {} and is off (change {})", place.environment, flags.revision)
    })
}
