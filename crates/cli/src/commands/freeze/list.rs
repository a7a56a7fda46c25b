//! `ripcord freeze list`: a calendar of coming freezes and windows, from the files alone.

use ripcord_model::{
    Duration, EnvironmentName, ServiceFile, ServiceName, Timestamp,
    nouns::freeze::FreezeWindow,
    paper::{Expiry, ExpiryRefusal},
};
use serde::Serialize;

use crate::{
    commands::Ended,
    context::Context,
    failure::{CommandError, Exit},
    files, render, surroundings,
};

/// How far the calendar reaches at most.
const REACH_MAX: Duration = Duration::from_mins(400 * 24 * 60);

/// Arguments of `ripcord freeze list`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// How far to look: a duration (14d) or an instant; 400 days at most
    #[arg(long, value_name = "TIME", default_value = "14d")]
    until: Expiry,
    /// Only this environment [default: all of them]
    #[arg(long, value_name = "NAME")]
    environment: Option<EnvironmentName>,
}

const AFTER_HELP: &str = "\
Reads ripcord.yaml and needs no server. Times are those of the zone that each freeze and
window was written in, with their offset, so that a change of the clocks shows.
A freeze stops forward motion, never the way back.

Examples:
  ripcord freeze list
  ripcord freeze list --until 2027-01-31 --environment production --json";

/// A freeze or a window at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CalendarEntry {
    /// Where.
    pub environment: EnvironmentName,
    /// `freeze` or `window`.
    pub kind: &'static str,
    /// Why it exists.
    pub reason: String,
    /// The zone it was written in.
    pub zone: String,
    /// Begins.
    pub from: Timestamp,
    /// Ends.
    pub until: Timestamp,
    /// Begins, as the clocks of its zone show it.
    pub local_from: String,
    /// Ends, as the clocks of its zone show it.
    pub local_until: String,
    /// Whether it is in force now.
    pub now: bool,
}

/// Freezes and windows to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Calendar {
    /// Of which service.
    pub service: ServiceName,
    /// The instant of this answer.
    pub now: Timestamp,
    /// How far it reaches.
    pub until: Timestamp,
    /// In order of their beginning.
    pub entries: Vec<CalendarEntry>,
}

/// Prints the calendar.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let service = files::service(&context.root()?)?;
    if let Some(name) = &arguments.environment
        && service.environment(name.as_str()).is_none()
    {
        let message = format!("ripcord.yaml describes no environment called `{name}`");
        return Err(CommandError::refused("no-such-environment", message));
    }
    let now = surroundings::now();
    let until = arguments.until.resolve(now, REACH_MAX).map_err(|refusal| match refusal {
        ExpiryRefusal::Past { at, .. } => CommandError::usage(format!("{at} is not to come")),
        ExpiryRefusal::TooFar { at, longest, .. } => {
            CommandError::usage(format!("{at} is more than {} away", longest.human()))
        }
    })?;
    let calendar = calendar(&service, arguments.environment.as_ref(), now, until);
    let value = serde_json::to_value(&calendar).expect("a calendar is plain data");
    context.answer(&value, &render::freeze::calendar(&calendar, &context.look));
    Ok(Exit::Done)
}

/// The calendar of a service.
pub fn calendar(
    service: &ServiceFile,
    only: Option<&EnvironmentName>,
    now: Timestamp,
    until: Timestamp,
) -> Calendar {
    let mut entries = Vec::new();
    for environment in service.environments.values() {
        if only.is_some_and(|only| *only != environment.name) {
            continue;
        }
        let held = service.calendar.onto(environment);
        let kinds = [("freeze", &held.freeze), ("window", &held.window)];
        for (kind, window) in
            kinds.iter().flat_map(|(kind, windows)| windows.iter().map(move |one| (*kind, one)))
        {
            entries.extend(times(&environment.name, kind, window, now, until));
        }
    }
    entries.sort_by(|one, other| (one.from, &one.environment).cmp(&(other.from, &other.environment)));
    Calendar { service: service.service.value.clone(), now, until, entries }
}

fn times<'w>(
    environment: &'w EnvironmentName,
    kind: &'static str,
    window: &'w FreezeWindow,
    now: Timestamp,
    until: Timestamp,
) -> impl Iterator<Item = CalendarEntry> + 'w {
    window.occurrences(now, until).into_iter().map(move |time| CalendarEntry {
        environment: environment.clone(),
        kind,
        reason: window.reason.clone(),
        zone: window.zone.clone(),
        from: time.from,
        until: time.until,
        local_from: window.local(time.from),
        local_until: window.local(time.until),
        now: time.from <= now && now < time.until,
    })
}
