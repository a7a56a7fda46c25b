//! What can be asked of a release from a page, when it is offered, and the form that asks why.

use std::str::FromStr;

use askama::Template;
use ripcord_engine::{BackStepState, Command, PhaseName, Status, WaitingOn};
use ripcord_model::{Level, Share, Timestamp};

use super::{Chrome, Here, Visitor};
use crate::look::Mark;

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

/// An act as it is offered: a link to its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What.
    pub act: Act,
    /// Where its form is.
    pub address: String,
    /// What stands on it.
    pub label: String,
    /// The key that opens it.
    pub key: &'static str,
}

impl Offer {
    fn new(status: &Status, act: Act) -> Self {
        let address = format!("/releases/{}/{}", status.release, act.word());
        let label = if act == Act::Rollback { go_back(status) } else { act.label().to_owned() };
        let key = match act {
            Act::Rollback => "b",
            Act::Hold => "h",
            Act::Contain => "c",
            Act::Promote => "p",
            Act::Acknowledge => "a",
            Act::Ship | Act::Approve | Act::Complete | Act::Cancel => "",
        };
        Self { act, address, label, key }
    }

    fn approving(status: &Status, step: &str) -> Self {
        // Ids of steps are made of letters, digits, dots and dashes.
        let address = format!("/releases/{}/approve?step={step}", status.release);
        Self { act: Act::Approve, address, label: format!("Approve {step}"), key: "" }
    }
}

/// `Go back, confirmed 1 min 40 s`.
pub(crate) fn go_back(status: &Status) -> String {
    match &status.confirmed {
        Some(confirmed) => format!("Go back, confirmed {}", confirmed.took.human()),
        None => "Go back, not rehearsed".to_owned(),
    }
}

/// What is offered for a release now. Whether the visitor may is decided by the server when they ask.
pub fn offers(status: &Status) -> Vec<Offer> {
    let offer = |act| Offer::new(status, act);
    let mut offers = match status.phase {
        PhaseName::Planned => vec![offer(Act::Ship), offer(Act::Cancel)],
        PhaseName::Staging => vec![offer(Act::Hold), offer(Act::Cancel)],
        PhaseName::Gating => {
            let is_blocked = status.waiting.iter().any(|one| matches!(one.on, WaitingOn::Gate { .. }));
            let forward = if is_blocked { Act::Ship } else { Act::Hold };
            vec![offer(Act::Rollback), offer(forward)]
        }
        PhaseName::Releasing => {
            vec![offer(Act::Rollback), offer(Act::Contain), offer(Act::Hold), offer(Act::Promote)]
        }
        PhaseName::Verifying => {
            vec![offer(Act::Rollback), offer(Act::Contain), offer(Act::Hold), offer(Act::Complete)]
        }
        PhaseName::Contained => vec![offer(Act::Rollback), offer(Act::Promote)],
        PhaseName::RollingBack => Vec::new(),
        PhaseName::Stuck => vec![offer(Act::Rollback)],
        PhaseName::Complete | PhaseName::Cancelled | PhaseName::RolledBack => Vec::new(),
    };
    let waits = status.back.iter().filter(|step| step.state == BackStepState::Approval);
    offers.extend(waits.map(|step| Offer::approving(status, &step.id)));
    if status.clock.decided.is_some() && status.clock.acknowledged.is_none() && !status.phase.is_final() {
        offers.push(offer(Act::Acknowledge));
    }
    offers
}

/// The form that asks why.
#[derive(Debug, Clone, Template)]
#[template(path = "act.html")]
pub struct ActPage {
    chrome: Chrome,
    act: Act,
    release: String,
    mark: Mark,
    headline: String,
    label: String,
    confirmed: String,
    why: String,
    step: String,
    levels: Vec<&'static str>,
    level: String,
    refusal: Option<Refusal>,
}

/// What was typed into the form, and why it was not taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The reason.
    pub why: String,
    /// The step to be approved.
    pub step: String,
    /// The level to go back to; empty for the plan's.
    pub level: String,
}

/// Why something that was asked for did not happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The answer first.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
}

impl ActPage {
    /// The form, empty or as it was typed.
    pub fn new(
        act: Act,
        status: &Status,
        typed: Typed,
        refusal: Option<Refusal>,
        visitor: Visitor,
        now: Timestamp,
    ) -> Self {
        let label = if act == Act::Rollback { go_back(status) } else { act.label().to_owned() };
        let last_good = status.last_good.as_ref().map_or_else(|| "last good".to_owned(), ToString::to_string);
        let confirmed = match &status.confirmed {
            Some(confirmed) => format!(
                "Back to {last_good}: confirmed {} in rehearsal on {}, budget {}.",
                confirmed.took.human(),
                confirmed.at.day_and_month(),
                confirmed.budget.human()
            ),
            None => {
                format!("Back to {last_good}: nobody has rehearsed it, so nobody knows how long it takes.")
            }
        };
        let levels = if act == Act::Rollback && status.phase == PhaseName::Stuck {
            Level::ALL.iter().map(|level| level.word()).collect()
        } else {
            Vec::new()
        };
        Self {
            chrome: Chrome::still(
                format!("{}: {}", status.release, act.label()),
                Here::Elsewhere,
                Some(visitor),
                now,
            ),
            act,
            release: status.release.to_string(),
            mark: Mark::of(status),
            headline: status.headline.clone(),
            label,
            confirmed,
            why: typed.why,
            step: typed.step,
            levels,
            level: typed.level,
            refusal,
        }
    }

    fn class(&self) -> &'static str {
        match self.act {
            Act::Rollback | Act::Contain => "back",
            Act::Hold => "held",
            Act::Complete => "complete",
            Act::Ship | Act::Promote | Act::Acknowledge | Act::Approve | Act::Cancel => "advancing",
        }
    }

    fn is_rollback(&self) -> bool {
        self.act == Act::Rollback
    }

    fn is_level(&self, level: &str) -> bool {
        self.level == level
    }
}

/// Whether anything of a release is in production, so that the button to go back stands in its corner.
pub(crate) fn is_out(status: &Status) -> bool {
    match status.phase {
        PhaseName::Gating | PhaseName::Releasing | PhaseName::Verifying => {
            status.share != Share::ZERO || status.phase != PhaseName::Gating
        }
        PhaseName::Contained | PhaseName::Stuck => true,
        PhaseName::Planned
        | PhaseName::Staging
        | PhaseName::Complete
        | PhaseName::Cancelled
        | PhaseName::RollingBack
        | PhaseName::RolledBack => false,
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
