//! Incidents: the clock, the steps, and what happened.

use ripcord_engine::Event;
use ripcord_model::{Duration, Timestamp, blueprint::WayBackStep};

use super::moment;
use crate::{
    cited::Cited,
    episode::{Episode, episodes},
    record::{Entries, Fact, Placed},
    report::{BackRow, ClockRow, Incident, LogRow, Moment},
    words::{Words, sentence},
};

/// The release's incidents, oldest first.
pub(super) fn incidents(entries: &Entries, words: Words<'_>) -> Vec<Incident> {
    episodes(&entries.own).iter().map(|episode| incident(entries, episode, words)).collect()
}

fn incident(entries: &Entries, episode: &Episode<'_>, words: Words<'_>) -> Incident {
    let cause = episode.decided.event().map_or_else(String::new, |event| (words.event)(event));
    Incident {
        cause: Cited::at(sentence(&cause), [episode.decided.position]),
        outcome: outcome(episode),
        clock: clock(entries, episode),
        measured: measured(entries, episode),
        steps: entries
            .blueprint()
            .way_back
            .steps
            .iter()
            .filter_map(|step| back_row(entries, episode, step))
            .collect(),
        log: log(episode, words),
    }
}

fn outcome(episode: &Episode<'_>) -> Cited {
    let stuck = episode.stuck();
    let (text, at) = match (episode.goes_back(), episode.ended(), stuck) {
        (true, Some(ended), None) => ("It went back".to_owned(), Some(ended)),
        (true, Some(ended), Some(_)) => ("It was stuck, and went back with help".to_owned(), Some(ended)),
        (false, Some(ended), _) => ("It was contained".to_owned(), Some(ended)),
        (_, None, Some(stuck)) => ("It is stuck, and a person is needed".to_owned(), Some(moment(stuck))),
        (_, None, None) => ("It is still going back".to_owned(), None),
    };
    let entries = at.into_iter().chain(stuck.map(moment)).map(|moment| moment.entry);
    let after = at.map_or_else(String::new, |at| {
        format!(", {} after the decision", episode.since_decision(at).human())
    });
    Cited::at(format!("{text}{after}"), entries.chain([episode.decided.position]))
}

fn clock(entries: &Entries, episode: &Episode<'_>) -> Vec<ClockRow> {
    let acknowledged = acknowledged(entries, episode);
    let decided = episode.decided;
    let first_action = episode.first(|event| matches!(event, Event::BackStepStarted { .. }));
    let crossed = episode.crossed.filter(|crossed| crossed.position != decided.position);
    let mut instants: Vec<(&str, Timestamp, u64)> = Vec::new();
    if let Some(harm) = episode.harm_began() {
        instants.push(("harm seems to have begun", harm, decided.position));
    }
    let parts = [
        ("a signal was beyond its limits", crossed.map(moment)),
        ("somebody was there", acknowledged.map(moment)),
        ("decided", Some(episode.decided_at())),
        ("first action", first_action.map(moment)),
        ("bleeding stopped, read back", episode.bleeding_stopped()),
        ("recovery seen", episode.recovered()),
        ("contained", episode.contained()),
        ("back", episode.rolled_back()),
    ];
    instants.extend(
        parts.iter().filter_map(|(what, moment)| moment.map(|moment| (*what, moment.at, moment.entry))),
    );
    instants.sort_by_key(|(_, at, entry)| (*at, *entry));
    let Some((_, first, origin)) = instants.first().copied() else { return Vec::new() };
    instants
        .into_iter()
        .map(|(what, at, entry)| {
            let Cited { entries, .. } = Cited::at("", [entry, origin]);
            ClockRow { what: what.to_owned(), at, after: at.since(first), entries }
        })
        .collect()
}

/// The on-call person's word that belongs to it: the last one since a signal was beyond its limits, or the first after.
fn acknowledged<'e>(entries: &'e Entries, episode: &Episode<'e>) -> Option<&'e Placed> {
    let is = |event: &Event| matches!(event, Event::Acknowledged);
    let since = episode.crossed.unwrap_or(episode.decided).position;
    let until = episode.decided.position;
    let before = entries
        .events()
        .filter(|(placed, event)| is(event) && placed.position >= since && placed.position < until);
    before.map(|(placed, _)| placed).last().or_else(|| episode.first(is))
}

fn measured(entries: &Entries, episode: &Episode<'_>) -> Vec<Cited> {
    let mut said = Vec::new();
    let mut from_decision = |what: &str, moment: Option<Moment>| {
        if let Some(moment) = moment {
            let took = episode.since_decision(moment).human();
            let text = format!("From the decision to {what}: {took}");
            said.push(Cited::at(text, [episode.decided.position, moment.entry]));
        }
    };
    from_decision("the end of the bleeding", episode.bleeding_stopped());
    from_decision("recovery that was seen", episode.recovered());
    from_decision("the end", episode.ended());
    if let Some(crossed) = episode.crossed {
        let waited = episode.decided_at().at.since(crossed.at).human();
        let text = format!("From a signal beyond its limits to the decision: {waited}");
        said.push(Cited::at(text, [crossed.position, episode.decided.position]));
    }
    let way_back = &entries.blueprint().way_back;
    let text = format!("Planned: at most {}", way_back.budget.human());
    said.push(Cited::at(text, [entries.created.position]));
    if let Some((entry, took)) = rehearsed_before(entries, episode.decided.position) {
        said.push(Cited::at(format!("Rehearsed in staging: {}", took.human()), [entry]));
    }
    said
}

/// The newest confirmed time before an entry, with the entry that says so.
pub(crate) fn rehearsed_before(entries: &Entries, position: u64) -> Option<(u64, Duration)> {
    let before = entries.rehearsals.iter().rev().filter(|placed| placed.position < position);
    let mut confirmed = before.filter_map(|placed| {
        let Event::Rehearsed { result } = placed.event()? else { return None };
        Some((placed.position, result.confirmed()?))
    });
    confirmed.next()
}

fn back_row(entries: &Entries, episode: &Episode<'_>, step: &WayBackStep) -> Option<BackRow> {
    let id = &step.id;
    let started = episode.first(|event| matches!(event, Event::BackStepStarted { step } if step == id));
    let done = episode.last(|event| matches!(event, Event::BackStepDone { step } if step == id));
    let skipped = episode.last(|event| matches!(event, Event::BackStepSkipped { step, .. } if step == id));
    let stuck = episode.last(|event| matches!(event, Event::Stuck { step, .. } if step == id));
    let approved = episode.last(|event| matches!(event, Event::BackStepApproved { step } if step == id));
    let any = [started, done, skipped, stuck, approved];
    if any.iter().all(Option::is_none) {
        return None;
    }
    let mut ended = match (done, skipped, stuck) {
        (Some(_), _, Some(_)) => "done, after it had failed".to_owned(),
        (Some(_), _, None) => "done".to_owned(),
        (None, Some(skipped), _) => format!("left out by {}", skipped.by),
        (None, None, Some(_)) => "failed".to_owned(),
        (None, None, None) => "not ended".to_owned(),
    };
    if let Some(approved) = approved {
        ended.push_str(&format!(", approved by {}", approved.by));
    }
    let took = started.zip(done).map(|(started, done)| done.at.since(started.at));
    let cited = any.into_iter().flatten().map(|placed| placed.position);
    let Cited { entries, .. } = Cited::at("", cited.chain([entries.created.position]));
    Some(BackRow { step: id.clone(), ended, took, budget: step.budget, entries })
}

fn log(episode: &Episode<'_>, words: Words<'_>) -> Vec<LogRow> {
    let told = |placed: &&Placed| {
        let what = match &placed.fact {
            Fact::Event(event) if matches!(event.as_ref(), Event::SegmentClosed { .. }) => return None,
            Fact::Event(event) => (words.event)(event),
            Fact::Paper(paper) => (words.paper)(paper),
            Fact::Unknown(kind) => format!("a fact of kind {kind}, which this Ripcord does not know"),
        };
        Some(LogRow { at: placed.at, by: placed.by.clone(), what, entry: placed.position })
    };
    episode.facts.iter().filter_map(told).collect()
}
