//! The port to people: what they are told, and what they are asked.

use async_trait::async_trait;
use ripcord_model::{Actor, Duration};
use ripcord_runbook::{Role, StepId};
use serde::Serialize;

/// What happens, as it happens. Texts hold no secrets and no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run begins, or goes on.
    Began {
        /// Its name.
        run: String,
        /// How many steps the runbook has.
        steps: usize,
        /// What all of it may take.
        budget: Duration,
        /// Whether it goes on after it was left.
        resumed: bool,
    },
    /// A step begins.
    StepBegan {
        /// Which.
        step: StepId,
        /// Its number, from 1.
        number: usize,
        /// Of how many.
        of: usize,
        /// The heading it stands under.
        title: String,
        /// The word of its fence.
        kind: &'static str,
        /// How often it has been begun, this time included.
        attempt: u32,
        /// What it is meant to take.
        budget: Duration,
    },
    /// A line that a script printed.
    Line {
        /// In which step.
        step: StepId,
        /// The line.
        text: String,
    },
    /// A verification, a check or an effect did not come out yet; it is tried again.
    Again {
        /// In which step.
        step: StepId,
        /// How often it was tried.
        tries: u32,
        /// What it said.
        why: String,
    },
    /// A message, filled in, and what became of it.
    Message {
        /// In which step.
        step: StepId,
        /// Where it goes.
        channel: String,
        /// Its text.
        text: String,
        /// To whom it was delivered.
        sent: Option<String>,
    },
    /// A step waits for the word of somebody other than who runs it.
    NeedsApproval {
        /// The run.
        run: String,
        /// Which.
        step: StepId,
    },
    /// A step is over, or has failed.
    StepEnded {
        /// Which.
        step: StepId,
        /// Machine and human time, all attempts together.
        took: Duration,
        /// What it was meant to take.
        budget: Duration,
        /// Why it failed; nothing when it is done.
        failed: Option<String>,
        /// The last lines that it printed when it failed.
        said: Vec<String>,
    },
    /// A step is left out.
    Skipped {
        /// Which.
        step: StepId,
        /// Why.
        reason: String,
    },
    /// Something that people should know.
    Note {
        /// What.
        text: String,
    },
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// In which step.
    pub step: StepId,
    /// Who should answer.
    pub role: Option<Role>,
    /// The question.
    pub text: String,
    /// What may be typed.
    pub accepts: Accepts,
    /// How long there is time.
    pub within: Option<Duration>,
}

/// What may be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepts {
    /// These words, exactly, or `no`.
    Words(String),
    /// `again`, `done`, `skip` or `stop`.
    Decision,
    /// Any text that is not empty.
    Reason,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// This was typed.
    Line(String),
    /// Nobody can type any more.
    Closed,
}

/// People.
#[async_trait]
pub trait Console: Send + Sync {
    /// Tells what happens.
    fn tell(&self, event: &Event);

    /// Who could answer now; nothing when nobody can be asked.
    fn who_answers(&self) -> Option<Actor>;

    /// Asks once. The future may be dropped when time is over.
    async fn ask(&self, question: &Question) -> Typed;
}

/// Nobody: hears nothing and answers nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoConsole;

#[async_trait]
impl Console for NoConsole {
    fn tell(&self, _event: &Event) {}

    fn who_answers(&self) -> Option<Actor> {
        None
    }

    async fn ask(&self, _question: &Question) -> Typed {
        Typed::Closed
    }
}
