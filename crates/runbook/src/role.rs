//! The roles that a step may ask for.

use serde::{Deserialize, Serialize};

/// Who does, or answers, a step. The words are those of `trigger_by` in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Who owns the release.
    Owner,
    /// Who is woken at night.
    OnCall,
    /// Who leads the team technically.
    TechLead,
    /// Who owns the data.
    Data,
    /// Who answers for security.
    Security,
    /// Who tests.
    Qa,
    /// Who talks to users.
    Support,
    /// Who speaks for the business.
    Business,
    /// Who may accept a risk.
    Executive,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 9] = [
        Self::Owner,
        Self::OnCall,
        Self::TechLead,
        Self::Data,
        Self::Security,
        Self::Qa,
        Self::Support,
        Self::Business,
        Self::Executive,
    ];

    /// The word used in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::OnCall => "on-call",
            Self::TechLead => "tech-lead",
            Self::Data => "data",
            Self::Security => "security",
            Self::Qa => "qa",
            Self::Support => "support",
            Self::Business => "business",
            Self::Executive => "executive",
        }
    }

    /// The role of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}
