//! `ripcord rehearse`: the way back of a release, walked in staging and measured.

use ripcord_engine::{Command, PhaseName, Status};
use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::{CommandError, Exit},
    follow::{self, Follower},
    host::Desk,
    render,
};

/// Arguments of `ripcord rehearse`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release: releases/NAME.yaml
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// Break something on purpose while the candidate has traffic, and go back when a signal shows it
    #[arg(long, value_name = "COMMAND")]
    fault: Option<String>,
}

const AFTER_HELP: &str = "\
Brings last good and the candidate up in staging, sends them traffic, and then walks the
compiled way back by the same code as in production. The release need not exist yet.
Ctrl-C goes back at once; nothing is confirmed then.
In --fault, {address} and {version} of the candidate are put in.
Exit status: 0 confirmed within the budget, 1 refused or failed, 4 stuck.

Examples:
  ripcord rehearse exam-submit-v2
  ripcord rehearse exam-submit-v2 --fault 'curl -s -X POST http://{address}/fault'";

/// Rehearses a release.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { release, fault } = arguments;
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let ended = rehearse(context, &desk, &release, fault).await;
        desk.close().await;
        let status = ended?;
        show(context, &status);
        Ok(outcome(&status))
    })
}

/// Rehearses and follows it to its result.
///
/// # Errors
/// [`CommandError`] when it is refused, or the server is lost.
pub async fn rehearse(
    context: &Context,
    desk: &Desk,
    release: &ReleaseName,
    fault: Option<String>,
) -> Result<Status, CommandError> {
    let failed = |error| desk::failure(context, error);
    let from = follow::position(&desk.client).await.map_err(failed)?;
    let begun = desk.client.rehearse(release, fault).await.map_err(failed)?;
    let name = begun.release;
    let mut follower = Follower::new(context, desk.client.clone(), name.clone(), from);
    let mut interrupted = false;
    loop {
        let status = tokio::select! {
            status = follower.next() => status?,
            _interrupt = tokio::signal::ctrl_c(), if !interrupted => {
                interrupted = true;
                follower.line("going back; nothing is confirmed by this rehearsal");
                let why = "left by Ctrl-C".to_owned();
                // Refused when it goes back already, which is what is wanted.
                let _going_back = desk.client.command(&name, Command::Rollback { why, level: None }).await;
                continue;
            }
        };
        let has_result = status.rehearsal.as_ref().is_some_and(|rehearsal| rehearsal.result.is_some());
        if has_result && desk::is_settled(status.phase) {
            return Ok(status);
        }
    }
}

/// Prints what it came to.
pub fn show(context: &Context, status: &Status) {
    let Some(result) = status.rehearsal.as_ref().and_then(|rehearsal| rehearsal.result.as_ref()) else {
        return desk::show(context, status);
    };
    let value = serde_json::json!({
        "rehearsal": status.release,
        "confirmed_ms": result.confirmed().map(|took| took.as_ms()),
        "machine_ms": result.machine().as_ms(),
        "within_budget": result.is_within_budget(),
        "note": render::rehearsal::note(result),
        "result": result,
    });
    context.answer(&value, &render::rehearsal::rehearsal(result, &context.look));
}

/// The exit status that a rehearsal's end stands for.
pub fn outcome(status: &Status) -> Exit {
    let result = status.rehearsal.as_ref().and_then(|rehearsal| rehearsal.result.as_ref());
    match (status.phase, result) {
        (PhaseName::Stuck, _) => Exit::Stuck,
        (_, Some(result)) if result.is_within_budget() => Exit::Done,
        (_, _) => Exit::Refused,
    }
}
