//! What went wrong, for people and machines alike: text, JSON and exit status are made from one value.

use ripcord_conductor::ConductorError;
use ripcord_engine::Refusal;
use ripcord_model::paper::{ExceptionRefusal, OverrideRefusal, PaperRefusal};
use ripcord_store::StoreError;
use serde::{Deserialize, Serialize};

/// Why something that was asked for did not happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(deny_unknown_fields)]
#[error("{message}")]
pub struct Failure {
    /// Stable, for machines: `no-such-release`, `refused`, `plan-invalid`, ….
    pub code: String,
    /// What was wrong, where, and what was expected: the answer first.
    pub message: String,
    /// What to do next, most useful first.
    pub hints: Vec<String>,
    /// Whose fault it is, roughly; decides HTTP and exit status.
    pub kind: FailureKind,
}

/// Whose fault a failure is, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// It names something that does not exist.
    NotFound,
    /// It is understood, and not allowed now.
    Refused,
    /// It is understood, and not allowed to whoever asks.
    Forbidden,
    /// It is malformed or contradicts itself.
    Invalid,
    /// Something else is under way.
    Busy,
    /// It would work, but something it needs does not: a disk, a socket, a server.
    Unavailable,
    /// A fault of Ripcord itself.
    Internal,
}

impl FailureKind {
    /// The HTTP status for it.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Refused | Self::Busy => 409,
            Self::Forbidden => 403,
            Self::Invalid => 422,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

impl Failure {
    /// A failure without hints.
    pub fn new(kind: FailureKind, code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), hints: Vec::new(), kind }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The loop has ended, so nobody answers any more.
    pub fn gone() -> Self {
        Self::new(
            FailureKind::Unavailable,
            "shutting-down",
            "the server is shutting down and takes no more requests",
        )
        .hinted("start it again with `ripcord serve`")
    }

    /// Whether it is [`Failure::gone`].
    pub(crate) fn is_gone(&self) -> bool {
        self.code == "shutting-down"
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let code = match &refusal {
            Refusal::WrongPhase { .. } => "wrong-phase",
            Refusal::NeedsPerson { .. } => "needs-person",
            Refusal::OnlyRipcord { .. } => "only-ripcord",
            Refusal::NeedsReason { .. } => "needs-reason",
            Refusal::OwnApproval { .. } => "own-approval",
            Refusal::NotAnApprover { .. } => "not-an-approver",
            Refusal::NoSuchStep { .. } => "no-such-step",
            Refusal::TooEarly { .. } => "too-early",
            Refusal::Holding { .. } => "holding",
            Refusal::NoSuchEffect { .. } => "no-such-effect",
            Refusal::NoLastGood => "no-last-good",
            Refusal::NoSuchLevel { .. } => "no-such-level",
            Refusal::NoHotfix => "no-hotfix",
            Refusal::Expired { .. } => "bad-expiry",
        };
        Self::new(FailureKind::Refused, code, refusal.to_string())
    }
}

impl From<PaperRefusal> for Failure {
    fn from(refusal: PaperRefusal) -> Self {
        let failure = Self::new(FailureKind::Refused, refusal.code(), refusal.to_string());
        match refusal {
            PaperRefusal::NeedsPerson { .. } => {
                failure.hinted("an agent may plan, check and ask; never approve")
            }
            PaperRefusal::AnotherBlueprint { .. } => {
                failure.hinted("look at the plan again with `ripcord plan`, then approve what it says now")
            }
            PaperRefusal::OtherDifferences => {
                failure.hinted("`ripcord record config-diff` shows the present ones")
            }
            PaperRefusal::NotTold { .. } => {
                failure.hinted("name them in the plan: `comms: { before: [NAME] }`")
            }
            PaperRefusal::OwnApproval { .. }
            | PaperRefusal::NotAnApprover { .. }
            | PaperRefusal::Unusable { .. } => failure,
        }
    }
}

impl From<OverrideRefusal> for Failure {
    fn from(refusal: OverrideRefusal) -> Self {
        let failure = Self::new(FailureKind::Refused, refusal.code(), refusal.to_string());
        match refusal {
            OverrideRefusal::NeedsPerson(_) => {
                failure.hinted("an agent may plan, check and ask; never accept what is wrong")
            }
            OverrideRefusal::NoSuchCheck { .. } | OverrideRefusal::Passes { .. } => {
                failure.hinted("`ripcord gate RELEASE` lists the checks that do not pass")
            }
            OverrideRefusal::Never { .. } => failure.hinted("mend what it names; `ripcord gate` says how"),
            OverrideRefusal::OwnRelease(_) | OverrideRefusal::Expiry(_) | OverrideRefusal::Reason => failure,
        }
    }
}

impl From<ExceptionRefusal> for Failure {
    fn from(refusal: ExceptionRefusal) -> Self {
        match refusal {
            ExceptionRefusal::Approver(refusal) => refusal.into(),
            ExceptionRefusal::NoHotfix { .. } => {
                Self::new(FailureKind::Refused, refusal.code(), refusal.to_string())
                    .hinted("say so in the plan: `hotfix: answers are lost for one in ten students`")
            }
            ExceptionRefusal::Expiry(_) => {
                Self::new(FailureKind::Refused, refusal.code(), refusal.to_string())
            }
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (code, hint) = match &error {
            StoreError::Conflict { .. } => {
                ("store-conflict", "make sure that only one server uses this state directory")
            }
            StoreError::Locked { .. } => ("store-locked", "stop the other server, or use its socket"),
            StoreError::Unwritable { .. } => {
                ("store-unwritable", "free space or fix the permissions, then try again")
            }
            StoreError::TooNew { .. } => ("store-too-new", "use a newer Ripcord"),
            StoreError::Damaged { .. } => (
                "store-damaged",
                "run `ripcord audit verify`; the way back works without it: `ripcord rollback --offline`",
            ),
        };
        Self::new(FailureKind::Unavailable, code, error.to_string()).hinted(hint)
    }
}

impl From<ConductorError> for Failure {
    fn from(error: ConductorError) -> Self {
        match error {
            ConductorError::Refused(refusal) => refusal.into(),
            ConductorError::Store(error) => error.into(),
            ConductorError::NoSuchRelease(_) => {
                Self::new(FailureKind::NotFound, "no-such-release", error.to_string())
                    .hinted("`ripcord status` lists the releases")
            }
            ConductorError::NameTaken(ref release) => {
                let cancel =
                    format!("`ripcord cancel {release} --why \"…\"` first, if it is still under way");
                Self::new(FailureKind::Refused, "name-taken", error.to_string())
                    .hinted(
                        "a release keeps the blueprint it was created with; give the changed plan a new name",
                    )
                    .hinted(cancel)
            }
            ConductorError::Busy { ref running, .. } => {
                let hint = format!("finish it first: `ripcord status {running}`");
                Self::new(FailureKind::Busy, "service-busy", error.to_string()).hinted(hint)
            }
            ConductorError::StagingInUse { ref running } => {
                let hint = format!("wait for it: `ripcord status {running}`");
                Self::new(FailureKind::Busy, "staging-in-use", error.to_string()).hinted(hint)
            }
            ConductorError::TooManyRuns { .. } => {
                Self::new(FailureKind::Refused, "too-many-papers", error.to_string())
                    .hinted("what is on record stays; look at it with `ripcord audit show`")
            }
            ConductorError::TooManyPapers { .. } => {
                Self::new(FailureKind::Refused, "too-many-papers", error.to_string())
                    .hinted("what is on record stays; look at it with `ripcord record list`")
            }
            ConductorError::OverriddenAlready { ref release, .. } => {
                let hint = format!("see it with `ripcord gate {release}`");
                Self::new(FailureKind::Refused, "overridden-already", error.to_string()).hinted(hint)
            }
            ConductorError::NoSuchPostMortem(_) => {
                Self::new(FailureKind::NotFound, "no-such-postmortem", error.to_string())
                    .hinted("`ripcord postmortem list` lists them")
            }
            ConductorError::ClosedAlready { .. } => {
                Self::new(FailureKind::Refused, "closed-already", error.to_string())
                    .hinted("what is on record stays; the file may go on changing")
            }
            ConductorError::Unreadable { .. } => {
                Self::new(FailureKind::Unavailable, "ledger-unreadable", error.to_string())
                    .hinted("run `ripcord audit verify`")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_its_code_and_status_through_json() {
        let failure: Failure = Refusal::NoLastGood.into();
        let json = serde_json::to_string(&failure).unwrap();
        let back: Failure = serde_json::from_str(&json).unwrap();
        assert_eq!(back, failure);
        assert_eq!(back.code, "no-last-good");
        assert_eq!(back.kind.http_status(), 409);
    }
}
