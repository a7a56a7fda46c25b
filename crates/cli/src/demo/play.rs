//! One release from start to end: shipped by its owner, promoted and completed by the person on call.

use std::time::Duration;

use ripcord_engine::{Command, Event, PhaseName, Status, WaitingOn};
use ripcord_model::{Actor, Person, ReleaseName};
use ripcord_server::{Filter, client::Client};

use super::{
    measure::{Measured, measure},
    traffic::Traffic,
};
use crate::{
    context::Context,
    desk,
    failure::CommandError,
    follow::{self, Follower, Voice},
    render::{self, ledger::fact},
};

/// How long one release may take before the demo gives up on it.
const LIMIT: Duration = Duration::from_secs(55);
const TRAFFIC_LINE: Duration = Duration::from_secs(3);

/// Ships `release` and follows it to its end.
pub async fn play(
    context: &Context,
    client: &Client,
    traffic: &mut Traffic,
    release: &str,
    voice: Voice,
) -> Result<Measured, CommandError> {
    let release = ReleaseName::new(release).map_err(|error| CommandError::usage(error.to_string()))?;
    let failed = |error| desk::failure(context, error);
    let _before = traffic.take_window();
    rehearse(context, client, &release, voice).await?;
    let from = follow::position(client).await.map_err(failed)?;
    client.clone().acting_as(person("maya")).ship(&release, true).await.map_err(failed)?;
    let follower = Follower::new(context, client.clone(), release.clone(), from).speaking(voice);
    let played = tokio::time::timeout(LIMIT, to_the_end(follower, client, traffic, &release)).await;
    let status = played.map_err(|_| {
        CommandError::refused("too-slow", format!("{release} did not end within {} s", LIMIT.as_secs()))
    })??;
    let window = traffic.take_window();
    Ok(measure(&status, reached(context, client, &status).await?, &window))
}

/// Walks the way back in staging, as `ripcord ship` does before a release that has no confirmed time.
async fn rehearse(
    context: &Context,
    client: &Client,
    release: &ReleaseName,
    voice: Voice,
) -> Result<(), CommandError> {
    let failed = |error| desk::failure(context, error);
    let maya = client.clone().acting_as(person("maya"));
    let rehearsal = maya.rehearse(release, None).await.map_err(failed)?.release;
    voice.say("            rehearsing the way back in staging first …");
    let from = follow::position(client).await.map_err(failed)?;
    let mut follower = Follower::new(context, client.clone(), rehearsal, from).speaking(Voice::Silent);
    let settled = follower.until(|status| desk::is_settled(status.phase));
    let status = tokio::time::timeout(LIMIT, settled).await.map_err(|_| {
        CommandError::refused("too-slow", format!("the rehearsal of {release} did not end"))
    })??;
    if let Some(result) = status.rehearsal.and_then(|rehearsal| rehearsal.result) {
        voice.say(&format!("            {}", render::rehearsal::note(&result)));
    }
    Ok(())
}

/// The last stage whose share was in force, by the record.
async fn reached(context: &Context, client: &Client, status: &Status) -> Result<Option<usize>, CommandError> {
    let filter = Filter { release: Some(status.release.clone()), limit: Some(1_000), ..Filter::default() };
    let page = client.ledger(&filter).await.map_err(|error| desk::failure(context, error))?;
    let facts: Vec<Event> = page.entries.iter().filter_map(fact).collect();
    if facts.contains(&Event::Verifying) {
        return Ok(status.stages.len().checked_sub(1));
    }
    let in_force = |event: &Event| if let Event::StageBaking { stage } = event { Some(*stage) } else { None };
    Ok(facts.iter().filter_map(in_force).max())
}

async fn to_the_end(
    mut follower: Follower<'_>,
    client: &Client,
    traffic: &mut Traffic,
    release: &ReleaseName,
) -> Result<Status, CommandError> {
    let mut tick = tokio::time::interval(TRAFFIC_LINE);
    let mut asked: Option<PhaseName> = None;
    loop {
        let status = tokio::select! {
            status = follower.next() => status?,
            _ = tick.tick() => {
                follower.line(&format!("            {}", traffic.line()));
                continue;
            }
        };
        if desk::is_settled(status.phase) {
            return Ok(status);
        }
        if is_blocked(&status) {
            let checks: Vec<String> = status
                .gate
                .iter()
                .filter(|check| !check.status.opens())
                .map(|check| format!("{}: {}", check.check, check.reason))
                .collect();
            return Err(CommandError::refused(
                "blocked",
                format!("the gate blocks {release}: {}", checks.join("; ")),
            ));
        }
        if !waits_for_a_person(&status) {
            asked = None;
        } else if asked != Some(status.phase) {
            let ran = client.clone().acting_as(person("ran"));
            // A control plane that died meanwhile is asked again at the next status.
            let answered = ran.command(release, answer(status.phase)).await;
            asked = answered.is_ok().then_some(status.phase);
        }
    }
}

fn person(name: &str) -> Actor {
    Actor::person(Person::new(name).expect("the demo's people have valid names"))
}

fn waits_for_a_person(status: &Status) -> bool {
    matches!(status.phase, PhaseName::Releasing | PhaseName::Verifying)
        && status.waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Person { .. }))
}

fn is_blocked(status: &Status) -> bool {
    status.waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Gate { .. }))
}

fn answer(phase: PhaseName) -> Command {
    if phase == PhaseName::Verifying {
        return Command::Complete { why: "validated: errors and latency as before".to_owned() };
    }
    Command::Promote { why: "three stages without a sign of harm".to_owned() }
}
