//! A release as a film: Plan → Stage → Release → Verify → Rollback, live while it runs.
//!
//! ```text
//! frames     the five frames: one sentence, one number, what is missing
//! picture    charts of the signals, from series of stored blocks
//! evidence   the meters and their words
//! details    what each frame opens to
//! ```

mod details;
mod evidence;
mod frames;
mod picture;

use askama::Template;
use ripcord_engine::Status;
use ripcord_model::{Timestamp, blueprint::Blueprint};

pub use self::picture::charts;
use self::{
    details::{BackRow, ChangeRow, SignalRow, StageRow},
    evidence::Meter,
    frames::Frame,
};
use super::{Chrome, Here, Offer, Visitor, act, offers};
use crate::{
    chart::{HATCH, SignalChart},
    look::Mark,
    words,
};

/// What is known about the rehearsals of the way back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rehearsed {
    /// One sentence: `confirmed 1 min 40 s in rehearsal on 14 April, budget 6 min`.
    pub says: String,
    /// Whether there is a confirmed time that counts now.
    pub counts: bool,
}

/// The storyboard of a release.
#[derive(Debug, Clone, Template)]
#[template(path = "storyboard.html")]
pub struct StoryboardPage {
    chrome: Chrome,
    release: String,
    service: String,
    versions: (String, String),
    mark: Mark,
    headline: String,
    since: Timestamp,
    cause: Vec<String>,
    waiting: Vec<(String, String)>,
    warnings: Vec<String>,
    clock: Vec<(&'static str, String, Timestamp)>,
    frames: Vec<Frame>,
    charts: Vec<(String, String)>,
    has_holes: bool,
    meters: Vec<Meter>,
    signals: Vec<SignalRow>,
    stages: Vec<StageRow>,
    changes: Vec<ChangeRow>,
    back: Vec<BackRow>,
    facts: Vec<(&'static str, String)>,
    triggers: Vec<String>,
    rehearsed: Rehearsed,
    gate: String,
    blocking: Vec<(String, String, String)>,
    runbook: Option<String>,
    offers: Vec<Offer>,
    pull: Option<Offer>,
    of_rehearsal: Option<String>,
    next: Vec<String>,
}

impl StoryboardPage {
    /// Of a release as it is now. `watch` is where its changes are streamed.
    pub fn new(
        status: &Status,
        blueprint: &Blueprint,
        rehearsed: Rehearsed,
        charts: &[SignalChart],
        watch: String,
        visitor: Visitor,
    ) -> Self {
        let over = status.phase.is_final();
        let title = format!("{}: {}", status.release, status.headline);
        let chrome = Chrome::still(title, Here::Elsewhere, Some(visitor), status.now);
        let chrome = if over { chrome } else { chrome.again_every(3).watching(watch) };
        let (pull, offers): (Vec<Offer>, Vec<Offer>) =
            offers(status).into_iter().partition(|offer| offer.act == act::Act::Rollback);
        let pull = pull.into_iter().next().filter(|_| act::is_out(status));
        let drawn = charts.iter().filter_map(|chart| Some((chart.name.clone(), chart.svg()?)));
        Self {
            chrome,
            release: status.release.to_string(),
            service: status.service.to_string(),
            versions: (
                status.candidate.to_string(),
                status.last_good.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string),
            ),
            mark: Mark::of(status),
            headline: status.headline.clone(),
            since: status.since,
            cause: status
                .cause
                .iter()
                .flat_map(|cause| [Some(words::cause(cause)), words::chance(cause)])
                .flatten()
                .collect(),
            waiting: status.waiting.iter().map(|one| (one.why.clone(), one.until.clone())).collect(),
            warnings: status.warnings.clone(),
            clock: clock(status),
            frames: frames::frames(status, blueprint, &rehearsed),
            has_holes: charts.iter().any(SignalChart::has_holes),
            charts: drawn.collect(),
            meters: evidence::meters(status),
            signals: details::signals(status),
            stages: details::stages(status, blueprint),
            changes: details::changes(blueprint),
            back: details::back(status, blueprint),
            facts: details::facts(status, blueprint),
            triggers: details::triggers(blueprint),
            rehearsed,
            gate: if status.gate.is_empty() { String::new() } else { super::gate::answer(&status.gate) },
            blocking: details::blocking(status),
            runbook: blueprint.runbook.clone(),
            offers,
            pull,
            of_rehearsal: status.rehearsal.as_ref().map(|rehearsal| rehearsal.of.to_string()),
            next: status.next.clone(),
        }
    }

    fn hatch(&self) -> &'static str {
        HATCH
    }
}

/// `(what, +48 s, when)`; the first one has its time of day instead of an offset.
fn clock(status: &Status) -> Vec<(&'static str, String, Timestamp)> {
    let points = words::clock_points(&status.clock);
    let Some(origin) = points.first().map(|(_, at)| *at) else { return Vec::new() };
    let mut clock: Vec<_> = points
        .iter()
        .enumerate()
        .map(|(index, (name, at))| {
            let text =
                if index == 0 { format!("{} UTC", at.time_of_day()) } else { words::offset(*at, origin) };
            (*name, text, *at)
        })
        .collect();
    if status.clock.all_clear.is_none() && !status.phase.is_final() {
        clock.push(("now", words::offset(status.now, origin), status.now));
    }
    clock
}
