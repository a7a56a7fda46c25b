//! `ripcord ship`: a release to production, stage by stage, with a running server or hosted for its own duration.

use ripcord_engine::{CheckStatus, Command, PhaseName, Status, WaitingOn};
use ripcord_model::ReleaseName;
use tokio::sync::mpsc;

use super::{Ended, rehearse};
use crate::{
    context::{Context, release_name},
    desk,
    failure::{CommandError, Exit},
    follow::{self, Follower},
    host::Desk,
    output, render, surroundings,
};

/// Arguments of `ripcord ship`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release: releases/NAME.yaml
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// Start it on the running server and return at once
    #[arg(long)]
    detach: bool,
    /// Do not rehearse the way back first where it has no confirmed time; the gate asks for one all the same
    #[arg(long)]
    no_rehearse: bool,
}

const AFTER_HELP: &str = "\
Uses the running server; without one it hosts the control plane until the release has
ended, also when the terminal closes. Ctrl-C leaves the release where it is; the same
command goes on with it. A way back without a confirmed time is rehearsed first.
Exit status: 0 complete, 1 blocked or left, 3 rolled back, 4 stuck.

Examples:
  ripcord ship exam-submit-v2
  ripcord ship exam-submit-v2 --detach && ripcord watch exam-submit-v2";

/// Ships or goes on shipping.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { release, detach, no_rehearse } = arguments;
    let runtime = desk::runtime()?;
    let ended = runtime.block_on(async {
        if detach {
            return detached(context, &release, no_rehearse).await;
        }
        let desk = Desk::open(context).await?;
        let ended = ship(context, &desk, &release, no_rehearse).await;
        desk.close().await;
        ended
    });
    // A reader that waits for a person's line must not keep the process.
    runtime.shutdown_background();
    ended
}

async fn ship(context: &Context, desk: &Desk, release: &ReleaseName, no_rehearse: bool) -> Ended {
    if !no_rehearse && let Some(exit) = rehearse_first(context, desk, release).await? {
        return Ok(exit);
    }
    attached(context, desk, release).await
}

async fn detached(context: &Context, release: &ReleaseName, no_rehearse: bool) -> Ended {
    let client = desk::client(context)?;
    if !no_rehearse && client.health().await.is_ok() {
        let desk = Desk::open(context).await?;
        if let Some(exit) = rehearse_first(context, &desk, release).await? {
            return Ok(exit);
        }
    }
    let status = client.ship(release, true).await.map_err(|error| {
        let is_gone = error.is_no_server();
        let failure = desk::failure(context, error);
        if is_gone {
            failure.hinted("without --detach the release is shipped by this command itself")
        } else {
            failure
        }
    })?;
    desk::show(context, &status);
    Ok(Exit::Done)
}

/// Rehearses the way back of a release that has not passed the gate and has no confirmed time. `Some` when that went
/// wrong: the gate would refuse it.
async fn rehearse_first(
    context: &Context,
    desk: &Desk,
    release: &ReleaseName,
) -> Result<Option<Exit>, CommandError> {
    let stands_before_gate = match desk.client.release(release).await {
        Ok(status) => status.phase == PhaseName::Planned || is_blocked(&status),
        Err(_) => true,
    };
    // What is wrong with the plan is said by shipping it.
    let Ok(rehearsals) = desk.client.rehearsals(release).await else { return Ok(None) };
    if !stands_before_gate || !rehearsals.standing.can_be_rehearsed() || rehearsals.running.is_some() {
        return Ok(None);
    }
    if !context.json {
        let about = rehearsals.about.human();
        output::line(&format!("{}; rehearsing it in staging first, about {about}", rehearsals.says));
    }
    let status = rehearse::rehearse(context, desk, release, None).await?;
    let exit = rehearse::outcome(&status);
    if exit == Exit::Done {
        if !context.json {
            rehearse::show(context, &status);
        }
        return Ok(None);
    }
    rehearse::show(context, &status);
    Ok(Some(exit))
}

/// Begins, asks a gate again that was blocked, or goes on with a release that has begun.
async fn begin(context: &Context, desk: &Desk, release: &ReleaseName) -> Result<Status, CommandError> {
    let known = desk.client.release(release).await.ok();
    let status = match known {
        Some(status) if is_blocked(&status) => desk.client.command(release, Command::Ship).await,
        Some(status) if status.phase != PhaseName::Planned => return Ok(status),
        Some(_) | None => desk.client.ship(release, true).await,
    };
    status.map_err(|error| desk::failure(context, error))
}

async fn attached(context: &Context, desk: &Desk, release: &ReleaseName) -> Ended {
    let from = follow::position(&desk.client).await.map_err(|error| desk::failure(context, error))?;
    // A terminal that closes must not stop the loop that watches the release: it goes on without anybody reading.
    let _hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
    begin(context, desk, release).await?;
    let mut follower = Follower::new(context, desk.client.clone(), release.clone(), from);
    let mut lines = (!context.json && surroundings::can_ask()).then(typed_lines);
    let mut asked: Option<PhaseName> = None;
    loop {
        let status = tokio::select! {
            status = follower.next() => status?,
            _interrupted = tokio::signal::ctrl_c() => return left(context, desk, release).await,
            Some(why) = next_line(&mut lines), if asked.is_some() => {
                answer(&follower, desk, release, asked.take(), why).await;
                continue;
            }
        };
        if desk::is_settled(status.phase) {
            desk::show(context, &status);
            return Ok(desk::outcome(&status));
        }
        if is_blocked(&status) {
            return blocked(context, &status);
        }
        match needs_person(&status) {
            Some(command) if asked != Some(status.phase) => {
                follower.line(&format!("waits for a person: {command}"));
                if lines.is_some() {
                    follower.line("or type here why it is good, and Enter:");
                }
                asked = Some(status.phase);
            }
            Some(_) => {}
            None => asked = None,
        }
    }
}

/// The gate has answered, and not every check lets the release pass.
fn is_blocked(status: &Status) -> bool {
    status.waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Gate { .. }))
}

fn blocked(context: &Context, status: &Status) -> Ended {
    let mut text = render::gate::gate(status.release.as_str(), &status.gate, false, &context.look);
    let failed = status.gate.iter().filter(|check| check.status == CheckStatus::Fail).count();
    text.push_str(&format!("\n  next       ripcord ship {}   asks the gate again\n", status.release));
    let value = serde_json::json!({ "release": status.release, "open": false, "failed": failed, "checks": status.gate });
    context.answer(&value, &text);
    Ok(Exit::Refused)
}

/// What a person could type to let the release go on, when only that is missing.
fn needs_person(status: &Status) -> Option<&str> {
    if !matches!(status.phase, PhaseName::Releasing | PhaseName::Verifying) {
        return None;
    }
    status.waiting.iter().find_map(|waiting| {
        let WaitingOn::Person { command, who: _ } = &waiting.on else { return None };
        Some(command.as_str())
    })
}

async fn answer(
    follower: &Follower<'_>,
    desk: &Desk,
    release: &ReleaseName,
    phase: Option<PhaseName>,
    why: String,
) {
    let command = if phase == Some(PhaseName::Verifying) {
        Command::Complete { why }
    } else {
        Command::Promote { why }
    };
    if let Err(error) = desk.client.command(release, command).await {
        follower.line(&format!("not done: {error}"));
    }
}

/// Lines a person types, read beside everything else. The reader ends with the process.
fn typed_lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            let line = line.trim().to_owned();
            if !line.is_empty() && sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

async fn next_line(lines: &mut Option<mpsc::Receiver<String>>) -> Option<String> {
    match lines {
        Some(lines) => lines.recv().await,
        None => None,
    }
}

async fn left(context: &Context, desk: &Desk, release: &ReleaseName) -> Ended {
    let status = desk.client.release(release).await.map_err(|error| desk::failure(context, error))?;
    // With this process the hosted loop ends, and then only the way back without a server is left.
    let (goes_on, offline) = if desk.is_hosted() {
        ("Nothing moves it any more: no verdict is passed until it is taken up again.", "--offline ")
    } else {
        ("The server goes on with it.", "")
    };
    let share = render::words::share(status.share);
    let error =
        CommandError::refused("left", format!("{release} was left with {share} on {}", status.candidate));
    Err(error
        .because(std::io::Error::other(goes_on))
        .hinted(format!("ripcord ship {release}   goes on with it"))
        .hinted(format!("ripcord rollback {release} {offline}--why \"…\"   goes back")))
}
