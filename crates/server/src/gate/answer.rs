//! What a check is asked, and what it may answer.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use ripcord_engine::{CheckResult, CheckStatus};
use ripcord_model::{Timestamp, blueprint::Blueprint};

use super::Question;
use crate::{plans::Plans, systems::Connections};

/// No check takes longer: whoever asks the gate waits for all of them, and the API for a minute.
pub(super) const LIMIT_MAX: Duration = Duration::from_secs(50);

/// One check of the gate.
#[async_trait]
pub(crate) trait Check: Send + Sync {
    /// Its name, as printed and recorded.
    fn name(&self) -> &'static str;

    /// Whether this release is asked at all. A check that nobody asked for is not in the list.
    fn applies(&self, _blueprint: &Blueprint) -> bool {
        true
    }

    /// Why nothing overrides it, when nothing does.
    fn never_overridden(&self) -> Option<&'static str> {
        None
    }

    /// How long it may take; after that it is unknown.
    fn limit(&self, _blueprint: &Blueprint) -> Duration {
        Duration::from_secs(20)
    }

    /// Its answer now. Looks, and changes nothing.
    async fn ask(&self, inquiry: &Inquiry) -> Answer;
}

/// What a check may look at.
pub(crate) struct Inquiry {
    pub(crate) question: Question,
    pub(crate) now: Timestamp,
    pub(crate) connections: Arc<Connections>,
    pub(crate) plans: Arc<dyn Plans>,
    pub(crate) state: PathBuf,
}

/// Why a check does not pass. Its display is one sentence, the answer first.
pub(crate) trait Reason: fmt::Display + Send {
    /// What to do about it.
    fn fix(&self) -> String;

    /// Whose it is to fix; the release owner's unless somebody nearer is known.
    fn owner(&self, blueprint: &Blueprint) -> String {
        blueprint.owner.to_string()
    }
}

/// What a check answers.
pub(crate) enum Answer {
    /// Good, and what was seen.
    Pass(String),
    /// Not good.
    Fail(Box<dyn Reason>),
    /// It cannot be said, which blocks like a failure.
    Unknown(Box<dyn Reason>),
}

impl Answer {
    pub(crate) fn pass(seen: impl Into<String>) -> Self {
        Self::Pass(seen.into())
    }

    pub(crate) fn fail(reason: impl Reason + 'static) -> Self {
        Self::Fail(Box::new(reason))
    }

    pub(crate) fn unknown(reason: impl Reason + 'static) -> Self {
        Self::Unknown(Box::new(reason))
    }

    pub(super) fn result(self, check: &str, blueprint: &Blueprint) -> CheckResult {
        let check = check.to_owned();
        let blocking = |status, reason: Box<dyn Reason>| CheckResult {
            check: check.clone(),
            status,
            reason: reason.to_string(),
            fix: reason.fix(),
            owner: reason.owner(blueprint),
        };
        match self {
            Self::Fail(reason) => blocking(CheckStatus::Fail, reason),
            Self::Unknown(reason) => blocking(CheckStatus::Unknown, reason),
            Self::Pass(reason) => CheckResult {
                check,
                status: CheckStatus::Pass,
                reason,
                fix: String::new(),
                owner: blueprint.owner.to_string(),
            },
        }
    }
}

/// The check itself did not work.
pub(super) struct NoAnswer(pub(super) String);

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the check could not be answered: {}", self.0)
    }
}

impl Reason for NoAnswer {
    fn fix(&self) -> String {
        "ask again with `ripcord gate`; if it stays, look at the server's log".to_owned()
    }
}
