//! What is due for a confirmed time that is looked after: a rehearsal, a word to people, or nothing. Pure: everything is decided
//! from the record, the files and the time, so that a restart decides the same.

use ripcord_engine::RehearsalResult;
use ripcord_model::{
    ActorKind, Duration, Timestamp,
    blueprint::{Changed, RehearsalKey},
    paper::{RehearsalWarned, RehearsalWarning},
};

use crate::rehearsal::Standing;

/// So many rehearsals in a row that Ripcord began and that failed: then a person has to look.
const FAILURES_MAX: u32 = 5;
/// The pause after the first of them; every further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_mins(60);
/// Rehearsals that Ripcord begins are never closer to each other.
const PAUSE_MIN: Duration = Duration::from_mins(1);
/// Somebody may still be writing: a change counts when it has stood for so long.
const SETTLED: Duration = Duration::from_mins(10);

/// What is known about the rehearsals of a release.
pub(super) struct Known<'a> {
    /// What the newest is worth now.
    pub(super) standing: &'a Standing,
    /// All results, oldest first.
    pub(super) results: &'a [RehearsalResult],
    /// What a rehearsal now would stand for.
    pub(super) key: &'a RehearsalKey,
    /// Whether the runbook says that it is rehearsed again.
    pub(super) scheduled: bool,
    /// What people were told already.
    pub(super) warned: &'a [RehearsalWarned],
    /// Whether it is being rehearsed now.
    pub(super) is_running: bool,
    /// What has to come first, as a part of a sentence: `v3 has left staging`.
    pub(super) in_the_way: Option<&'a str>,
    /// Since when what it depends on is as it is now.
    pub(super) unchanged_since: Timestamp,
    /// The present instant.
    pub(super) now: Timestamp,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Due {
    /// A rehearsal, now.
    pub(super) rehearse: bool,
    /// People are to be told.
    pub(super) warn: Option<RehearsalWarned>,
    /// What `ripcord status` warns of: one sentence.
    pub(super) says: Option<String>,
}

/// What is due for `release`.
pub(super) fn due(release: &ripcord_model::ReleaseName, known: &Known<'_>) -> Due {
    // Nobody has rehearsed it: the first time is a person's.
    let Some(newest) = known.results.last() else { return Due::default() };
    let Some(matter) = matter(known, newest) else { return Due::default() };
    if known.is_running {
        let says = Some(format!("{}; it is being rehearsed", matter.says));
        return Due { says, ..Due::default() };
    }
    let person = needs_person(known, newest);
    let rehearse = person.is_none()
        && known.in_the_way.is_none()
        && matter.is_due
        && known.now >= not_before(known.results, newest);
    let what_next = match (&person, known.in_the_way) {
        (Some(why), _) => format!("{why}: ripcord rehearse {release}"),
        (None, Some(in_the_way)) => format!("rehearsed again once {in_the_way}"),
        (None, None) => "rehearsed again by itself".to_owned(),
    };
    let says = format!("{}; {what_next}", matter.says);
    let tell = !rehearse && (matter.is_urgent || person.is_some());
    let warn = matter.warning.filter(|_| tell).map(|why| RehearsalWarned {
        why,
        rehearsed: newest.at,
        text: format!("{release}: {says}"),
    });
    let is_news = |warn: &RehearsalWarned| {
        !known.warned.iter().any(|told| told.why == warn.why && told.rehearsed == warn.rehearsed)
    };
    Due { rehearse, warn: warn.filter(is_news), says: Some(says) }
}

/// What is the matter with a confirmed time.
struct Matter {
    says: String,
    /// What people are told about, if it is something that they do not know by themselves.
    warning: Option<RehearsalWarning>,
    /// Whether it is told even though it may still be renewed.
    is_urgent: bool,
    /// Whether a rehearsal could mend it now.
    is_due: bool,
}

fn matter(known: &Known<'_>, newest: &RehearsalResult) -> Option<Matter> {
    let says = known.standing.to_string();
    match known.standing {
        Standing::Confirmed { at, until, .. } => {
            let (all, left) = (until.since(*at).as_ms(), until.since(known.now).as_ms());
            let part = |parts: u64| left.saturating_mul(parts) <= all;
            part(5).then(|| Matter {
                says: format!("the confirmed time counts for {} more", until.since(known.now).human()),
                warning: Some(RehearsalWarning::ExpiresSoon { until: *until }),
                is_urgent: part(10),
                is_due: true,
            })
        }
        Standing::Expired { every, .. } => Some(Matter {
            says,
            warning: Some(RehearsalWarning::Expired { every: *every }),
            is_urgent: true,
            is_due: true,
        }),
        // Who changes the runbook or the plan knows that, and the gate says it.
        Standing::Void { .. } => {
            let is_due = known.now.since(known.unchanged_since) >= SETTLED;
            Some(Matter { says, warning: None, is_urgent: false, is_due })
        }
        Standing::Failed { .. } | Standing::OverBudget { .. } => Some(Matter {
            says,
            warning: is_ours(newest).then_some(RehearsalWarning::Failed),
            is_urgent: true,
            is_due: true,
        }),
        Standing::NoStaging | Standing::Missing | Standing::NoRunbook { .. } => {
            Some(Matter { says, warning: None, is_urgent: false, is_due: false })
        }
    }
}

/// Why only a person may rehearse it now.
fn needs_person(known: &Known<'_>, newest: &RehearsalResult) -> Option<String> {
    if !known.scheduled {
        return Some("its runbook has no `rehearse`".to_owned());
    }
    if !newest.is_within_budget() && !is_ours(newest) {
        return Some("a person's rehearsal is not good, and is theirs to repeat".to_owned());
    }
    let failures = failures(known.results);
    if failures >= FAILURES_MAX {
        return Some(format!("{failures} rehearsals in a row failed, and no more are tried"));
    }
    // Ripcord repeats what a person has begun, and runs nothing that nobody has: the commands have to be the same.
    let begun = known.results.iter().rev().find(|result| !is_ours(result))?;
    let changed = begun.key.changed(known.key);
    let other = changed.iter().find(|changed| !leaves_commands_alone(changed))?;
    Some(format!("{other}, and nobody has rehearsed that"))
}

/// Whether a rehearsal runs the same commands as before this change.
const fn leaves_commands_alone(changed: &Changed) -> bool {
    match changed {
        Changed::Runbook(_) | Changed::OtherRunbook { .. } | Changed::Ripcord { .. } => true,
        Changed::WayBack | Changed::Artifact { .. } | Changed::Binding(_) => false,
    }
}

/// When Ripcord may begin one at the earliest.
fn not_before(results: &[RehearsalResult], newest: &RehearsalResult) -> Timestamp {
    if !is_ours(newest) {
        return newest.at;
    }
    match failures(results) {
        0 => newest.at.plus(PAUSE_MIN),
        failures => newest.at.plus(pause_after(failures)),
    }
}

/// The pause after so many failures in a row.
pub(super) fn pause_after(failures: u32) -> Duration {
    let doubled = failures.saturating_sub(1).min(FAILURES_MAX);
    Duration::from_ms(FIRST_PAUSE.as_ms() << doubled)
}

/// How many rehearsals that Ripcord began failed since one was good or a person began one.
fn failures(results: &[RehearsalResult]) -> u32 {
    let failed = |result: &&RehearsalResult| is_ours(result) && !result.is_within_budget();
    u32::try_from(results.iter().rev().take_while(failed).count()).unwrap_or(u32::MAX)
}

fn is_ours(result: &RehearsalResult) -> bool {
    result.by.kind == ActorKind::Ripcord
}
