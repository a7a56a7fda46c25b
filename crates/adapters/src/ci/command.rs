//! A command that says by its status whether the build has passed. What it prints decides nothing.

use std::time::Duration;

use super::{
    About, CiTrouble, Passed,
    answer::{short, shown},
};
use crate::{
    Context,
    port::AdapterError,
    shell::{self, Shell},
};

pub(super) async fn ask(
    command: &str,
    environment: &[String],
    about: About<'_>,
    timeout: Duration,
    context: &Context,
) -> Result<Passed, CiTrouble> {
    let what = format!("`{command}`");
    let commit = if command.contains("{commit}") { about.commit()? } else { "" };
    let filled = shell::fill(command, &[("commit", commit), ("version", about.version)])
        .map_err(|error| CiTrouble::Unasked { what: what.clone(), why: error.to_string() })?;
    let shell = Shell { directory: context.root.clone(), environment: environment.to_vec(), timeout };
    let ended = match shell.run(&filled).await {
        Ok(ended) => ended,
        Err(AdapterError::Transient(_)) => return Err(CiTrouble::Silent { what, within: timeout }),
        Err(error @ (AdapterError::Permanent(_) | AdapterError::Superseded { .. })) => {
            return Err(CiTrouble::Unasked { what, why: error.to_string() });
        }
    };
    match ended.code {
        Some(0) if commit.is_empty() => Ok(Passed(format!("{what} ended with status 0"))),
        Some(0) => Ok(Passed(format!("{what} ended with status 0 for {}", short(commit)))),
        _ if ended.not_found() => Err(CiTrouble::Unasked { what, why: "the program is missing".to_owned() }),
        Some(code) => {
            Err(CiTrouble::Failed(format!("{what} ended with status {code}: {}", last(&ended.said()))))
        }
        None => Err(CiTrouble::Unasked { what, why: "a signal ended it".to_owned() }),
    }
}

/// What it said last, with what it was handed masked.
fn last(said: &str) -> String {
    shown(said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default())
}
