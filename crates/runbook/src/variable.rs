//! What may stand between `{{` and `}}`: a fixed list. In a command each has an environment variable instead, so that
//! no value is ever pasted into a shell's text.

use serde::{Deserialize, Serialize};

/// A value that is known only while a runbook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Variable {
    /// The service of `ripcord.yaml`.
    #[serde(rename = "service")]
    Service,
    /// The release that goes back.
    #[serde(rename = "release.name")]
    ReleaseName,
    /// The version that is withdrawn.
    #[serde(rename = "release.version")]
    ReleaseVersion,
    /// The version the way back leads to.
    #[serde(rename = "release.last_good")]
    ReleaseLastGood,
    /// Who owns the release.
    #[serde(rename = "release.owner")]
    ReleaseOwner,
    /// When the release began, RFC 3339 in UTC.
    #[serde(rename = "release.started_at")]
    ReleaseStartedAt,
    /// Where the runbook runs: `staging`, `production`.
    #[serde(rename = "environment")]
    Environment,
    /// The runbook's name.
    #[serde(rename = "runbook")]
    Runbook,
    /// When this run of the runbook began, RFC 3339 in UTC.
    #[serde(rename = "run.started_at")]
    RunStartedAt,
    /// Who runs it.
    #[serde(rename = "run.by")]
    RunBy,
    /// When people will hear more, a time of day with its zone.
    #[serde(rename = "next_update")]
    NextUpdate,
}

impl Variable {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Service,
        Self::ReleaseName,
        Self::ReleaseVersion,
        Self::ReleaseLastGood,
        Self::ReleaseOwner,
        Self::ReleaseStartedAt,
        Self::Environment,
        Self::Runbook,
        Self::RunStartedAt,
        Self::RunBy,
        Self::NextUpdate,
    ];

    /// How it is written between the braces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::ReleaseName => "release.name",
            Self::ReleaseVersion => "release.version",
            Self::ReleaseLastGood => "release.last_good",
            Self::ReleaseOwner => "release.owner",
            Self::ReleaseStartedAt => "release.started_at",
            Self::Environment => "environment",
            Self::Runbook => "runbook",
            Self::RunStartedAt => "run.started_at",
            Self::RunBy => "run.by",
            Self::NextUpdate => "next_update",
        }
    }

    /// The environment variable that a command finds the value in.
    pub const fn environment_name(self) -> &'static str {
        match self {
            Self::Service => "RIPCORD_SERVICE",
            Self::ReleaseName => "RIPCORD_RELEASE",
            Self::ReleaseVersion => "RIPCORD_VERSION",
            Self::ReleaseLastGood => "RIPCORD_LAST_GOOD",
            Self::ReleaseOwner => "RIPCORD_RELEASE_OWNER",
            Self::ReleaseStartedAt => "RIPCORD_RELEASE_STARTED_AT",
            Self::Environment => "RIPCORD_ENVIRONMENT",
            Self::Runbook => "RIPCORD_RUNBOOK",
            Self::RunStartedAt => "RIPCORD_RUN_STARTED_AT",
            Self::RunBy => "RIPCORD_RUN_BY",
            Self::NextUpdate => "RIPCORD_NEXT_UPDATE",
        }
    }

    /// The variable of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variable| variable.word() == word)
    }
}

impl std::fmt::Display for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}
