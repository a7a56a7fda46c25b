//! Overrides: a check of the gate that does not pass, accepted by a named person for a while.

use serde::{Deserialize, Serialize};

use super::{
    admit::text,
    expiry::{Expiry, ExpiryRefusal},
};
use crate::{
    Actor, Duration, Person, PostMortemId, Timestamp,
    blueprint::{Blueprint, BlueprintHash},
};

/// How long an override may last.
pub const OVERRIDE_MAX: Duration = Duration::from_mins(14 * 24 * 60);
/// How long after an override its post-mortem is due.
pub const POST_MORTEM_DUE: Duration = Duration::from_mins(48 * 60);
/// How much of what a check said is kept, in characters.
const FOUND_MAX: usize = 1_000;

/// A check that somebody accepted as it is. Part of a file format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Exactly this one: whatever changes in the plan voids the override.
    pub blueprint: BlueprintHash,
    /// The check's name.
    pub check: String,
    /// What the check said when it was overridden.
    pub found: String,
    /// Why it was accepted, in the person's own words.
    pub reason: String,
    /// Until when.
    pub expires: Timestamp,
    /// The post-mortem that was opened with it.
    pub postmortem: PostMortemId,
}

/// What somebody asks for who wants to override a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOverride {
    /// The check's name.
    pub check: String,
    /// Why it is accepted as it is.
    pub reason: String,
    /// Until when.
    pub expires: Expiry,
    /// Who writes the post-mortem; the release's owner when absent.
    #[serde(default)]
    pub owner: Option<Person>,
}

/// An override that may be recorded. Its post-mortem gets its name when it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmittedOverride {
    /// Of exactly this blueprint.
    pub blueprint: BlueprintHash,
    /// The check's name.
    pub check: String,
    /// What it says.
    pub found: String,
    /// Why it is accepted.
    pub reason: String,
    /// Until when.
    pub expires: Timestamp,
    /// Who writes the post-mortem.
    pub owner: Person,
}

/// Why a check is not overridden.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverrideRefusal {
    /// An agent wants to override.
    #[error("an override needs a person, and {0} is none")]
    NeedsPerson(Actor),
    /// The owner wants to override.
    #[error("{0} owns the release and cannot override its gate; an executive who does not own it can")]
    OwnRelease(Person),
    /// The gate asks nothing of that name.
    #[error("the gate asks nothing called `{check}` of this release; it asks {known}")]
    NoSuchCheck {
        /// The name.
        check: String,
        /// The names of those that do not pass.
        known: String,
    },
    /// There is nothing to override.
    #[error("`{check}` passes: {found}")]
    Passes {
        /// The check.
        check: String,
        /// What it says.
        found: String,
    },
    /// Nothing overrides it.
    #[error("nothing overrides `{check}`: {why}")]
    Never {
        /// The check.
        check: String,
        /// Why not.
        why: &'static str,
    },
    /// The expiry is not usable.
    #[error("the override cannot be recorded: {0}")]
    Expiry(#[from] ExpiryRefusal),
    /// The reason is not usable.
    #[error("the reason is not usable: expected 1 to 1000 characters on one line")]
    Reason,
}

impl OverrideRefusal {
    /// A stable name for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NeedsPerson(_) => "needs-person",
            Self::OwnRelease(_) => "own-override",
            Self::NoSuchCheck { .. } => "no-such-check",
            Self::Passes { .. } => "nothing-to-override",
            Self::Never { .. } => "never-overridden",
            Self::Expiry(_) => "bad-expiry",
            Self::Reason => "unusable-record",
        }
    }
}

/// Whether `by` may override at all, as far as the release knows: a person who does not own it. That they are an
/// executive is decided where roles are known.
pub fn may_override(blueprint: &Blueprint, by: &Actor) -> Result<(), OverrideRefusal> {
    if !by.is_person() {
        return Err(OverrideRefusal::NeedsPerson(by.clone()));
    }
    if by.name == blueprint.owner {
        return Err(OverrideRefusal::OwnRelease(by.name.clone()));
    }
    Ok(())
}

/// What goes on record when `by` overrides a check that said `found` just now.
pub fn admit_override(
    blueprint: &Blueprint,
    new: NewOverride,
    found: &str,
    by: &Actor,
    now: Timestamp,
) -> Result<AdmittedOverride, OverrideRefusal> {
    may_override(blueprint, by)?;
    let reason = text("the reason", new.reason).map_err(|_| OverrideRefusal::Reason)?;
    let expires = new.expires.resolve(now, OVERRIDE_MAX)?;
    Ok(AdmittedOverride {
        blueprint: blueprint.hash(),
        check: new.check,
        found: found.chars().map(|c| if c.is_control() { ' ' } else { c }).take(FOUND_MAX).collect(),
        reason,
        expires,
        owner: new.owner.unwrap_or_else(|| blueprint.owner.clone()),
    })
}
