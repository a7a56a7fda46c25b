//! What can be asked of a release from a page, when it is offered, and the form that asks why.

mod form;
mod offer;

use std::str::FromStr;

use ripcord_engine::Command;
use ripcord_model::Level;

pub use form::{ActPage, Refusal, Typed};
pub(crate) use offer::is_out;
pub use offer::{Offer, offers};

/// Something that can be asked of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Begin, or ask the gate again.
    Ship,
    /// Go on.
    Promote,
    /// Stop forward motion.
    Hold,
    /// Stop the bleeding and stay.
    Contain,
    /// Go back.
    Rollback,
    /// Say that one is there.
    Acknowledge,
    /// Agree to a step of the way back.
    Approve,
    /// Declare it complete.
    Complete,
    /// Give it up.
    Cancel,
}

/// A word that names nothing that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownAct;

impl Act {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Ship,
        Self::Promote,
        Self::Hold,
        Self::Contain,
        Self::Rollback,
        Self::Acknowledge,
        Self::Approve,
        Self::Complete,
        Self::Cancel,
    ];

    /// The last part of its address, and the command in a terminal.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ship => "ship",
            Self::Promote => "promote",
            Self::Hold => "hold",
            Self::Contain => "contain",
            Self::Rollback => "rollback",
            Self::Acknowledge => "acknowledge",
            Self::Approve => "approve",
            Self::Complete => "complete",
            Self::Cancel => "cancel",
        }
    }

    /// What stands on its button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ship => "Ship it",
            Self::Promote => "Let it go on",
            Self::Hold => "Hold it",
            Self::Contain => "Contain it",
            Self::Rollback => "Go back",
            Self::Acknowledge => "I am here and looking",
            Self::Approve => "Approve the step",
            Self::Complete => "Declare it complete",
            Self::Cancel => "Give it up",
        }
    }

    /// What will happen, in one sentence.
    pub const fn means(self) -> &'static str {
        match self {
            Self::Ship => {
                "It is tried in staging, then every check of the gate is asked; then the first stage begins."
            }
            Self::Promote => {
                "What holds it is lifted, or you agree to all traffic. The stages and their checks go on."
            }
            Self::Hold => {
                "Its share of traffic stays as it is until somebody lets it go on. The way back stays open."
            }
            Self::Contain => {
                "All traffic goes to last good now; the new version stays up, and a person decides."
            }
            Self::Rollback => {
                "All traffic goes to last good first, then the rest of the way back is walked and verified."
            }
            Self::Acknowledge => "The record says that you are there. Nothing else changes.",
            Self::Approve => "The step of the way back that waits for approval is done.",
            Self::Complete => {
                "Last good is taken down, and the new version becomes it. After this there is no quick way back."
            }
            Self::Cancel => "It is taken down in staging and never reaches a user.",
        }
    }

    /// Whether it must be said why.
    pub const fn needs_why(self) -> bool {
        match self {
            Self::Promote | Self::Hold | Self::Contain | Self::Rollback | Self::Complete | Self::Cancel => {
                true
            }
            Self::Ship | Self::Acknowledge | Self::Approve => false,
        }
    }

    /// The command for it.
    pub fn command(self, why: String, level: Option<Level>, step: String) -> Command {
        match self {
            Self::Ship => Command::Ship,
            Self::Promote => Command::Promote { why },
            Self::Hold => Command::Hold { why },
            Self::Contain => Command::Contain { why },
            Self::Rollback => Command::Rollback { why, level },
            Self::Acknowledge => Command::Acknowledge,
            Self::Approve => Command::Approve { step },
            Self::Complete => Command::Complete { why },
            Self::Cancel => Command::Cancel { why },
        }
    }
}

impl FromStr for Act {
    type Err = UnknownAct;

    fn from_str(word: &str) -> Result<Self, UnknownAct> {
        Self::ALL.into_iter().find(|act| act.word() == word).ok_or(UnknownAct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_found_by_its_word() {
        for act in Act::ALL {
            assert_eq!(act.word().parse(), Ok(act));
        }
        assert_eq!("delete".parse::<Act>(), Err(UnknownAct));
    }
}
