//! Exceptions: a hotfix that may move forward although a freeze is in force.

use serde::{Deserialize, Serialize};

use super::{
    admit::{PaperRefusal, may_approve, text},
    expiry::{Expiry, ExpiryRefusal},
};
use crate::{
    Actor, Duration, Timestamp,
    blueprint::{Blueprint, BlueprintHash},
};

/// How long an exception may last.
pub const EXCEPTION_MAX: Duration = Duration::from_mins(3 * 24 * 60);

/// Forward motion in spite of every freeze and outside of every window, for a while. Part of a file format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreezeException {
    /// Exactly this one: whatever changes in the plan voids the exception.
    pub blueprint: BlueprintHash,
    /// Why, in the words of who granted it.
    pub reason: String,
    /// Until when.
    pub expires: Timestamp,
}

/// What somebody asks for who wants to grant an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFreezeException {
    /// Why it cannot wait.
    pub reason: String,
    /// Until when.
    pub expires: Expiry,
}

/// Why an exception is not granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExceptionRefusal {
    /// The plan does not say that it is a hotfix.
    #[error(
        "the plan of {release} does not say that it is a hotfix, and only a hotfix moves during a freeze"
    )]
    NoHotfix {
        /// The release.
        release: crate::ReleaseName,
    },
    /// Not by them.
    #[error(transparent)]
    Approver(#[from] PaperRefusal),
    /// The expiry is not usable.
    #[error("the exception cannot be recorded: {0}")]
    Expiry(#[from] ExpiryRefusal),
}

impl ExceptionRefusal {
    /// A stable name for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoHotfix { .. } => "no-hotfix",
            Self::Approver(refusal) => refusal.code(),
            Self::Expiry(_) => "bad-expiry",
        }
    }
}

/// What goes on record when `by` grants an exception to the release of `blueprint`.
pub fn admit_exception(
    blueprint: &Blueprint,
    new: NewFreezeException,
    by: &Actor,
    now: Timestamp,
) -> Result<FreezeException, ExceptionRefusal> {
    if blueprint.hotfix.is_none() {
        return Err(ExceptionRefusal::NoHotfix { release: blueprint.release.clone() });
    }
    may_approve(blueprint, by)?;
    let reason = text("the reason", new.reason)?;
    let expires = new.expires.resolve(now, EXCEPTION_MAX)?;
    Ok(FreezeException { blueprint: blueprint.hash(), reason, expires })
}
