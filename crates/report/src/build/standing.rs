//! Where the release stands: the answer first, and what nobody can know yet.

use ripcord_engine::{Event, PhaseName, Release};

use crate::{
    cited::Cited,
    record::{Entries, Placed},
    report::Report,
    words::{instant, share},
};

/// What is still to come, each as one sentence; nothing when the release is over.
pub(super) fn not_known_yet(release: &Release, entries: &Entries) -> Vec<String> {
    let phase = release.phase();
    let mut unknown: Vec<&str> = match phase {
        PhaseName::Complete | PhaseName::Cancelled | PhaseName::RolledBack => Vec::new(),
        PhaseName::Planned | PhaseName::Staging | PhaseName::Gating => {
            vec!["whether the gate opens", "what the stages will show", "how it ends"]
        }
        PhaseName::Releasing => vec!["what the stages to come will show", "how it ends"],
        PhaseName::Verifying => vec!["whether validation passes", "how it ends"],
        PhaseName::Contained => vec!["whether it goes on or goes back", "how it ends"],
        PhaseName::RollingBack => vec!["how long going back takes", "whether recovery is seen"],
        PhaseName::Stuck => vec!["how it gets out of being stuck", "whether recovery is seen"],
    };
    let confirmed = entries
        .rehearsals
        .iter()
        .any(|placed| matches!(placed.event(), Some(Event::Rehearsed { result }) if result.failed.is_none()));
    if !confirmed && !phase.is_final() {
        unknown.push("how long the way back takes: nobody has rehearsed it to a confirmed time");
    }
    unknown.into_iter().map(str::to_owned).collect()
}

fn last(entries: &Entries, is: impl Fn(&Event) -> bool) -> Option<&Placed> {
    entries.events().filter(|(_, event)| is(event)).last().map(|(placed, _)| placed)
}

/// How it went or goes.
pub(super) fn headline(report: &Report, entries: &Entries) -> Cited {
    let candidate = &report.candidate;
    let last_good = report.last_good.as_ref().map_or("the last good version", |version| version.as_str());
    let since = |text: String, placed: Option<&Placed>| match placed {
        Some(placed) => {
            let text = format!("{text} since {}", instant(placed.at));
            Cited::at(text, [placed.position, report.created])
        }
        None => Cited::at(text, [report.created]),
    };
    match report.phase {
        PhaseName::Complete => {
            let done = last(entries, |event| matches!(event, Event::Completed { .. }));
            let by = done.map_or_else(String::new, |done| format!(", declared by {}", done.by));
            let mut said = since(format!("{candidate} is complete"), done);
            said.text.push_str(&by);
            said
        }
        PhaseName::RolledBack => {
            let back = last(entries, |event| matches!(event, Event::RolledBack));
            since(format!("{candidate} was pulled; all users are on {last_good}"), back)
        }
        PhaseName::Cancelled => {
            let cancelled = last(entries, |event| matches!(event, Event::Cancelled { .. }));
            since(format!("{candidate} was given up before it touched production"), cancelled)
        }
        PhaseName::Planned | PhaseName::Staging => {
            since(format!("{candidate} has not come to the gate yet"), Some(&entries.created))
        }
        PhaseName::Gating => since(format!("{candidate} stands before the gate"), gating(entries)),
        PhaseName::Releasing => releasing(report, entries),
        PhaseName::Verifying => {
            let verifying = last(entries, |event| matches!(event, Event::Verifying));
            since(format!("{candidate} has all traffic and is being validated"), verifying)
        }
        PhaseName::Contained => {
            let contained = last(entries, |event| matches!(event, Event::Contained));
            since(format!("{candidate} is contained; a person decides how it goes on"), contained)
        }
        PhaseName::RollingBack => {
            let decided = last(entries, |event| {
                matches!(event, Event::RollbackDecided { .. } | Event::ContainDecided { .. })
            });
            since(format!("{candidate} is going back to {last_good}"), decided)
        }
        PhaseName::Stuck => {
            let stuck = last(entries, |event| matches!(event, Event::Stuck { .. }));
            since(format!("The way back of {candidate} is stuck and needs a person"), stuck)
        }
    }
}

fn gating(entries: &Entries) -> Option<&Placed> {
    last(entries, |event| {
        matches!(event, Event::GateBlocked { .. } | Event::StagingPassed | Event::StagingSkipped)
    })
}

fn releasing(report: &Report, entries: &Entries) -> Cited {
    let entered = entries.events().filter_map(|(placed, event)| {
        let Event::StageEntered { stage } = event else { return None };
        Some((placed, *stage))
    });
    let Some((placed, stage)) = entered.last() else {
        return Cited::at(
            format!("{} is about to enter its first stage", report.candidate),
            [report.created],
        );
    };
    let asked =
        report.stages.get(stage).map_or_else(String::new, |stage| format!(" of {}", share(stage.share)));
    let text = format!("{} is in its stage{asked} since {}", report.candidate, instant(placed.at));
    Cited::at(text, [placed.position, report.created])
}

/// What happened, in short: the first page.
pub(super) fn summary(report: &Report) -> Vec<Cited> {
    let mut said = Vec::new();
    if let Some(note) = report.rehearsals.iter().rev().find(|note| note.failed.is_none()) {
        let text = format!(
            "The way back was rehearsed in {}: {} from the decision to verified recovery, of at most {}",
            note.environment,
            note.took.human(),
            note.budget.human()
        );
        said.push(Cited::at(text, [note.entry]));
    }
    if let Some(answer) = report.gate.last() {
        let text = if answer.opened { "The gate opened" } else { "The gate is closed" };
        said.push(Cited::at(format!("{text} on {}", instant(answer.at.at)), [answer.at.entry]));
    }
    let reached = report.stages.iter().rev().find_map(|stage| Some((stage.share, stage.in_force?)));
    if let Some((reached, moment)) = reached {
        let text = if reached == ripcord_model::Share::FULL {
            format!("All traffic reached {}", report.candidate)
        } else {
            format!("At most {} of the traffic reached {}", share(reached), report.candidate)
        };
        said.push(Cited::at(text, [moment.entry, report.created]));
    }
    for incident in &report.incidents {
        said.push(incident.cause.clone());
        said.push(incident.outcome.clone());
    }
    said
}
