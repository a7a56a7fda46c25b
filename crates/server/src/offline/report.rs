//! What an offline rollback is asked for, and what it says.

use std::path::PathBuf;

use ripcord_model::{Actor, Level, ReleaseName};
use serde::Serialize;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The state directory with the blueprint's file.
    pub state: PathBuf,
    /// The service's root: commands run here.
    pub root: PathBuf,
    /// The `ripcord` binary, which is also the edge.
    pub ripcord_program: PathBuf,
    /// Which release goes back.
    pub release: ReleaseName,
    /// Who decided.
    pub by: Actor,
    /// Why.
    pub why: String,
    /// Go on although a server answers on the socket.
    pub force: bool,
}

/// What happens, as it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Progress {
    /// The blueprint has been read and verified.
    Began {
        /// The first digits of the blueprint's hash.
        blueprint: String,
        /// How many steps there are.
        steps: usize,
    },
    /// A step begins.
    StepBegan {
        /// Its id.
        step: String,
        /// Its level.
        level: Level,
    },
    /// An attempt failed and another one follows.
    Again {
        /// Of which step.
        step: String,
        /// Why.
        reason: String,
    },
    /// A step ended.
    StepEnded(StepReport),
    /// Something people should know that does not stop the way back.
    Trouble {
        /// What.
        text: String,
    },
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Its id.
    pub step: String,
    /// How long it took.
    pub took_ms: u64,
    /// How long it might have taken.
    pub budget_ms: u64,
    /// Why it failed; `None` when it is done.
    pub failed: Option<String>,
}

/// How the way back ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Ending {
    /// Everything is back on last good.
    RolledBack,
    /// A step failed; a person is needed.
    Stuck {
        /// Which step.
        step: String,
        /// Why.
        reason: String,
        /// Whether no traffic reaches the candidate any more all the same.
        bleeding_stopped: bool,
    },
}

/// The whole story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Which release.
    pub release: ReleaseName,
    /// How it ended.
    pub ending: Ending,
    /// The steps that were begun.
    pub steps: Vec<StepReport>,
    /// How long it took.
    pub took_ms: u64,
    /// The journal, which the server takes into the record at its next start.
    pub journal: PathBuf,
    /// What people should know: a journal that could not be written, signals that nobody watched.
    pub troubles: Vec<String>,
}
