//! What the screen knows: the last status, what the signals did meanwhile, the connection, an open question.

use std::collections::{BTreeMap, VecDeque};

use ripcord_engine::Status;
use ripcord_model::{SignalName, Timestamp};

use crate::render::Look;

/// How many values a sparkline remembers.
pub const TRACE_MAX: usize = 240;

/// Everything the screen shows.
#[derive(Debug, Clone)]
pub struct View {
    /// The last status that came in.
    pub status: Option<Status>,
    /// What each signal did since the screen was opened.
    pub traces: BTreeMap<SignalName, Trace>,
    /// Whether what is shown is current.
    pub link: Link,
    /// What is being asked.
    pub question: Question,
    /// The answer to the last command.
    pub notice: Option<String>,
    /// Zone and colour.
    pub look: Look,
}

/// The last values of a signal, oldest first; `None` where nothing was said.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// On the candidate.
    pub canary: VecDeque<Option<f64>>,
    /// On last good.
    pub control: VecDeque<Option<f64>>,
}

/// The connection to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Not yet there.
    Connecting,
    /// Current.
    Live,
    /// Lost: what is shown may be stale.
    Lost {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: String,
    },
}

/// What is being asked of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Nothing.
    None,
    /// Why.
    Why {
        /// What for.
        action: Action,
        /// What has been typed.
        text: String,
    },
    /// Whether really.
    Confirm {
        /// What.
        action: Action,
        /// Why.
        why: String,
    },
}

/// What can be done from the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Stop forward motion.
    Hold,
    /// Go back.
    Rollback,
}

impl Action {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Rollback => "go back",
        }
    }
}

impl View {
    /// Nothing known yet.
    pub fn new(look: Look) -> Self {
        Self {
            status: None,
            traces: BTreeMap::new(),
            link: Link::Connecting,
            question: Question::None,
            notice: None,
            look,
        }
    }

    /// A new status came in.
    pub fn took(&mut self, status: Status) {
        let is_new = self.status.as_ref().is_none_or(|known| known.now < status.now);
        if is_new {
            for signal in &status.signals {
                let trace = self.traces.entry(signal.name.clone()).or_default();
                let said = !signal.blind;
                push(&mut trace.canary, signal.canary.filter(|_| said));
                push(&mut trace.control, signal.control.filter(|_| said));
            }
        }
        self.link = Link::Live;
        self.status = Some(status);
    }

    /// The connection broke. What was shown stays; the first loss counts.
    pub fn lost(&mut self, at: Timestamp, reason: &str) {
        if !matches!(self.link, Link::Lost { .. }) {
            self.link = Link::Lost { since: at, reason: reason.to_owned() };
        }
    }
}

fn push(values: &mut VecDeque<Option<f64>>, value: Option<f64>) {
    values.push_back(value);
    if values.len() > TRACE_MAX {
        values.pop_front();
    }
}
