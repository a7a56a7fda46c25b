//! The form that asks why, and what becomes of it when it is refused.

use askama::Template;
use ripcord_engine::{PhaseName, Status};
use ripcord_model::{Level, Timestamp};

use super::{Act, offer::go_back};
use crate::{
    look::Mark,
    page::{Chrome, Here, Visitor},
};

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
