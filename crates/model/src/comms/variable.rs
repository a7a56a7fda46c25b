//! What may stand between `{{` and `}}` of a message: a fixed list, so that a typing error is found before the night it
//! would be read in.

use std::collections::BTreeMap;

use super::mention::mentions;

macro_rules! variables {
    ($($name:ident = $word:literal, $meaning:literal;)+) => {
        /// A value that is known only when a message is written.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MessageVariable {
            $(#[doc = $meaning] $name,)+
        }

        impl MessageVariable {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// How it is written between the braces.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// What it stands for.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)+
                }
            }
        }
    };
}

variables! {
    Release = "release", "The release's name.";
    Service = "service", "The service.";
    Owner = "owner", "Who owns the release.";
    OnCall = "on_call", "Who is on call for it.";
    Version = "version", "The version that goes out.";
    LastGood = "last_good", "The version the way back leads to.";
    Environment = "environment", "Where it runs.";
    StartedAt = "started_at", "When the release began.";
    HarmBegan = "harm_began", "When the harm seems to have begun; `unknown` when nothing says.";
    DecidedAt = "decided_at", "When it was decided to go back or to contain.";
    Reason = "reason", "Why, in the words of the record. Not for people outside.";
    Level = "level", "How deep the way back goes: flag, deploy, migration or data.";
    ConfirmedTime = "confirmed_time", "How long the way back took in its rehearsal; `not rehearsed` without one.";
    State = "state", "What is happening now, in a few words.";
    Status = "status", "What the message announces: identified, monitoring, update, resolved.";
    Outcome = "outcome", "How it ended, in an all-clear; otherwise what is happening now.";
    NextUpdate = "next_update", "When people will hear more, a time of day with its zone.";
    Now = "now", "When the message was written.";
    ReleaseName = "release.name", "The same as `release`, as runbooks write it.";
    ReleaseVersion = "release.version", "The same as `version`.";
    ReleaseLastGood = "release.last_good", "The same as `last_good`.";
    ReleaseOwner = "release.owner", "The same as `owner`.";
    ReleaseStartedAt = "release.started_at", "The same as `started_at`.";
    Runbook = "runbook", "The release's runbook; `none` without one.";
    RunStartedAt = "run.started_at", "The same as `decided_at`.";
    RunBy = "run.by", "Who decided: a person, or `ripcord`.";
}

impl MessageVariable {
    /// The variable of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|variable| variable.word() == word)
    }
}

/// What the variables stand for in one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<MessageVariable, String>);

impl Values {
    /// A value for every variable.
    pub fn of(value: impl Fn(MessageVariable) -> String) -> Self {
        Self(MessageVariable::ALL.iter().map(|variable| (*variable, value(*variable))).collect())
    }

    /// A text with every variable replaced, once: a value that holds braces stays as it is. What is no variable stays
    /// too; lint has refused it.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut from = 0;
        for mention in mentions(text) {
            let value = MessageVariable::of(&text[mention.name.clone()]);
            if let Some(value) = value.and_then(|variable| self.0.get(&variable)) {
                filled.push_str(&text[from..mention.whole.start]);
                filled.push_str(value);
                from = mention.whole.end;
            }
        }
        filled.push_str(&text[from..]);
        filled
    }
}

/// A text that names a variable that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no variable `{{{{{word}}}}}`: expected one of {known}")]
pub struct UnknownVariable {
    /// What was written, as much of it as a message bears.
    pub word: String,
    /// What could have been.
    pub known: String,
}

/// Whether a text names variables that exist only.
pub fn check_text(text: &str) -> Result<(), UnknownVariable> {
    for mention in mentions(text) {
        let word = &text[mention.name];
        if MessageVariable::of(word).is_none() {
            let known: Vec<&str> = MessageVariable::ALL.iter().map(|variable| variable.word()).collect();
            return Err(UnknownVariable { word: word.chars().take(40).collect(), known: known.join(", ") });
        }
    }
    Ok(())
}
