//! `ripcord flag load`: flags from a file in flagd's format.

use std::path::PathBuf;

use ripcord_flags::{Edit, read_definitions};
use ripcord_model::{diagnostic::render, source::SourceFile};

use super::{
    Where,
    change::{Waiting, change},
};
use crate::{commands::Ended, context::Context, failure::CommandError};

/// Arguments of `ripcord flag load`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// JSON or YAML
    file: PathBuf,
    #[command(flatten)]
    waiting: Waiting,
    #[command(flatten)]
    place: Where,
}

const AFTER_HELP: &str = "\
Flags in the file are put as they stand there; others stay as they are. A file with a
mistake changes nothing.

Example:
  ripcord flag load flags.yaml --why \"as in flagd\"";

/// Loads them.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { file, waiting, place } = arguments;
    let source = read(&file)?;
    let count = checked(&source)?;
    let edit = Edit::Load { text: source.text };
    change(context, &place, edit, waiting, |flags| {
        format!(
            "{count} flags of {} are in force in {} (change {})",
            source.path, place.environment, flags.revision
        )
    })
}

/// The text of a file.
pub(super) fn read(file: &std::path::Path) -> Result<SourceFile, CommandError> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        CommandError::refused("no-file", format!("{} cannot be read", file.display())).because(error)
    })?;
    Ok(SourceFile::new(file.display().to_string(), text))
}

/// How many flags it has. Every mistake is shown with its place, before a server is asked.
fn checked(source: &SourceFile) -> Result<usize, CommandError> {
    let found = match read_definitions(source).and_then(ripcord_flags::Read::publishable) {
        Ok((definitions, _)) => return Ok(definitions.flags.len()),
        Err(found) => found,
    };
    let drawn: Vec<String> = found.iter().map(|one| render(one, &source.text, false)).collect();
    let value = serde_json::to_value(&found).expect("diagnostics are plain data");
    let mut error =
        CommandError::refused("flags-wrong", format!("{} has mistakes; nothing was changed", source.path));
    error.findings = Some((drawn.join("\n\n"), value));
    Err(error)
}
