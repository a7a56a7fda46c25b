//! What the record says about the rehearsals of a release, and whether it lets the release out.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use ripcord_engine::RehearsalResult;
use ripcord_model::{
    Duration, ReleaseName, Timestamp,
    blueprint::{Blueprint, RehearsalKey},
};
use serde::{Deserialize, Serialize};

use crate::plans::RunbookNow;

/// A rehearsal counts for this long where the runbook says nothing else.
pub(crate) const DEFAULT_EVERY: Duration = Duration::from_mins(14 * 24 * 60);

/// One rehearsal that has a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RehearsalRecord {
    /// Its name: it is a release of its own in the record.
    pub rehearsal: ReleaseName,
    /// What it came to.
    pub result: RehearsalResult,
}

/// What there is to say about the rehearsals of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearsals {
    /// Of which release.
    pub release: ReleaseName,
    /// Whether there is a confirmed time that counts now.
    pub standing: Standing,
    /// The same as one sentence.
    pub says: String,
    /// The rehearsal of its service that is under way.
    pub running: Option<ReleaseName>,
    /// About how long one takes.
    pub about: Duration,
    /// All of them, oldest first.
    pub rehearsals: Vec<RehearsalRecord>,
}

/// Whether a release has a confirmed time that counts now, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Standing {
    /// There is nowhere to rehearse.
    NoStaging,
    /// Nobody has rehearsed it.
    Missing,
    /// The runbook cannot be read, so nobody knows whether it is the one that was rehearsed.
    NoRunbook {
        /// Why.
        why: String,
    },
    /// The newest rehearsal failed.
    Failed {
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// Something has changed since.
    Void {
        /// Since when.
        at: Timestamp,
        /// What, each as a part of a sentence.
        changed: Vec<String>,
    },
    /// It is too long ago.
    Expired {
        /// When it was.
        at: Timestamp,
        /// How old it may be.
        every: Duration,
    },
    /// It took longer than it may.
    OverBudget {
        /// When.
        at: Timestamp,
        /// How long it took.
        took: Duration,
        /// How long it may take.
        budget: Duration,
    },
    /// There is one.
    Confirmed {
        /// When.
        at: Timestamp,
        /// How long it took, waiting for people included.
        took: Duration,
        /// How long it may take.
        budget: Duration,
        /// Until when it counts.
        until: Timestamp,
    },
}

impl Standing {
    /// Whether it lets the release out.
    pub const fn is_confirmed(&self) -> bool {
        match self {
            Self::Confirmed { .. } => true,
            Self::NoStaging
            | Self::Missing
            | Self::NoRunbook { .. }
            | Self::Failed { .. }
            | Self::Void { .. }
            | Self::Expired { .. }
            | Self::OverBudget { .. } => false,
        }
    }

    /// A warning, once a fifth of the time in which it counts is left; otherwise nothing.
    pub(crate) fn expires_soon(&self, now: Timestamp) -> String {
        let Self::Confirmed { at, until, .. } = self else { return String::new() };
        let (all, left) = (until.since(*at), until.since(now));
        if left.as_ms().saturating_mul(5) > all.as_ms() {
            return String::new();
        }
        format!("; it counts for {} more", left.human())
    }

    /// Whether rehearsing now could change it.
    pub const fn can_be_rehearsed(&self) -> bool {
        match self {
            Self::Missing
            | Self::Failed { .. }
            | Self::Void { .. }
            | Self::Expired { .. }
            | Self::OverBudget { .. } => true,
            Self::NoStaging | Self::NoRunbook { .. } | Self::Confirmed { .. } => false,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStaging => f.write_str("there is no staging environment to rehearse the way back in"),
            Self::Missing => f.write_str("no confirmed time: the way back has not been rehearsed"),
            Self::NoRunbook { why } => write!(f, "the runbook cannot be read: {why}"),
            Self::Failed { at, reason } => write!(f, "the rehearsal of {} failed: {reason}", day(*at)),
            Self::Void { at, changed } => write!(f, "void: {} since {}", changed.join(", "), day(*at)),
            Self::Expired { at, every } => {
                write!(f, "the rehearsal of {} is older than {}", day(*at), every.human())
            }
            Self::OverBudget { took, budget, .. } => {
                write!(f, "confirmed {}, budget {}", took.human(), budget.human())
            }
            Self::Confirmed { at, took, budget, .. } => {
                write!(
                    f,
                    "confirmed {} in rehearsal on {}, budget {}",
                    took.human(),
                    day(*at),
                    budget.human()
                )
            }
        }
    }
}

/// `14 April`.
fn day(at: Timestamp) -> String {
    at.day_and_month()
}

/// Whether the newest rehearsal of a release counts now. `runbook` is the plan's, as it stands now.
pub(crate) fn stands(
    blueprint: &Blueprint,
    newest: Option<&RehearsalResult>,
    runbook: Option<&RunbookNow>,
    now: Timestamp,
) -> Standing {
    if blueprint.staging.is_none() {
        return Standing::NoStaging;
    }
    let Some(result) = newest else { return Standing::Missing };
    let at = result.at;
    let changed = result.key.changed(&RehearsalKey::of(blueprint, runbook.map(|now| now.file.clone())));
    if !changed.is_empty() {
        return Standing::Void { at, changed: changed.iter().map(ToString::to_string).collect() };
    }
    let Some(took) = result.confirmed() else {
        return Standing::Failed { at, reason: result.failed.clone().unwrap_or_default() };
    };
    let every = runbook.and_then(|now| now.every).unwrap_or(DEFAULT_EVERY);
    if now.since(at) > every {
        return Standing::Expired { at, every };
    }
    let budget = budget(blueprint, runbook);
    if took > budget {
        return Standing::OverBudget { at, took, budget };
    }
    Standing::Confirmed { at, took, budget, until: at.plus(every) }
}

/// How long the way back may take: what its steps may, and what the runbook says, whichever is less.
pub(crate) fn budget(blueprint: &Blueprint, runbook: Option<&RunbookNow>) -> Duration {
    let of_runbook = runbook.and_then(|now| now.budget);
    of_runbook.map_or(blueprint.way_back.budget, |budget| budget.min(blueprint.way_back.budget))
}

/// The newest result per release, written by the loop, read by the gate. Cheap to clone; all clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RehearsalBook(Arc<RwLock<BTreeMap<ReleaseName, RehearsalResult>>>);

impl RehearsalBook {
    /// The newest result of a release.
    pub(crate) fn newest(&self, release: &ReleaseName) -> Option<RehearsalResult> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(release).cloned()
    }

    /// A rehearsal has this result; an older one is not written over a newer one.
    pub(crate) fn note(&self, result: &RehearsalResult) {
        let mut results = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = results.get(&result.release).is_some_and(|known| known.at > result.at);
        if !known {
            results.insert(result.release.clone(), result.clone());
        }
    }
}
