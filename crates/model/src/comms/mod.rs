//! What people are told in, before anybody knows what: channels' audiences, the states a message announces, templates
//! and the variables that may stand in them.
//!
//! Owns: the fixed list of variables, the reading of templates with a place for every mistake, the texts that are used
//! when nobody has written one. Refuses to know: when somebody is told, and how a channel is reached.
//!
//! Invariant: a template that was read can always be filled.

mod built_in;
mod mention;
mod template;
#[cfg(test)]
mod tests;
mod variable;

pub use built_in::built_in;
pub use mention::{Mention, mentions};
pub use template::{TEMPLATE_MAX, TemplateFile, read_template};
pub use variable::{MessageVariable, UnknownVariable, Values, check_text};

use serde::{Deserialize, Serialize};

/// Who is reached by a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Those who work on it: told at the decision, without anybody being asked.
    Internal,
    /// Everybody else: told after the plan's limit, once a named person has confirmed.
    Outside,
}

impl Audience {
    /// The word used in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Outside => "outside",
        }
    }
}

/// What a message says about where an incident is. The words are those of status pages, and `update` for more of the
/// same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageStatus {
    /// Somebody looks into it.
    Investigating,
    /// It is known what is wrong, and it is being undone.
    Identified,
    /// It is undone, and watched.
    Monitoring,
    /// Nothing is new, as was promised to be said.
    Update,
    /// It is over.
    Resolved,
}

impl MessageStatus {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Investigating, Self::Identified, Self::Monitoring, Self::Update, Self::Resolved];

    /// The word used in files and commands.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Update => "update",
            Self::Resolved => "resolved",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

impl std::fmt::Display for MessageStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}
