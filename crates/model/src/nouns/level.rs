//! Levels of rollback, classes of change, and how far each can be undone.

use serde::{Deserialize, Serialize};

/// How deep a rollback has to reach. Ordered: a higher level takes longer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// 1: a flag is switched off (seconds).
    Flag,
    /// 2: traffic and artifact return to the last good version (minutes).
    Deploy,
    /// 3: a schema migration is undone (minutes to hours).
    Migration,
    /// 4: data is restored (hours to days).
    Data,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 4] = [Self::Flag, Self::Deploy, Self::Migration, Self::Data];

    /// 1 to 4.
    pub const fn number(self) -> u8 {
        match self {
            Self::Flag => 1,
            Self::Deploy => 2,
            Self::Migration => 3,
            Self::Data => 4,
        }
    }

    /// The word used in files and commands.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Deploy => "deploy",
            Self::Migration => "migration",
            Self::Data => "data",
        }
    }

    /// Whether a named approver, who is not the author, must say yes before a step of this level runs.
    pub const fn needs_approval(self) -> bool {
        match self {
            Self::Flag | Self::Deploy => false,
            Self::Migration | Self::Data => true,
        }
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// What kind of thing a change touches.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeClass {
    /// Program code.
    Code,
    /// Configuration.
    Config,
    /// Database schema.
    Schema,
    /// Stored data.
    Data,
    /// An API, event or file format that others rely on.
    Contract,
}

impl ChangeClass {
    /// The word used in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Config => "config",
            Self::Schema => "schema",
            Self::Data => "data",
            Self::Contract => "contract",
        }
    }

    /// The levels a change of this class can be rolled back at, lowest first.
    pub const fn levels(self) -> &'static [Level] {
        match self {
            Self::Code | Self::Config | Self::Contract => &[Level::Flag, Level::Deploy],
            Self::Schema => &[Level::Migration, Level::Data],
            Self::Data => &[Level::Data],
        }
    }
}

/// How far a change can be undone.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reversibility {
    /// Everything returns to what it was.
    Reversible,
    /// Something is lost or stays; the plan says how it is contained.
    Partial,
    /// There is no way back, only containment.
    OneWay,
}
