//! How long it took: machine time apart from human wait.

use ripcord_model::Duration;
use serde::{Deserialize, Serialize};

use crate::StepId;

/// Time by what it was spent on. The three parts add up to the total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// Doing and verifying.
    pub machine: Duration,
    /// Waiting for a person: an answer, a decision.
    pub human: Duration,
    /// Nobody was there: between a crash and the word to go on.
    pub down: Duration,
}

impl Timing {
    /// All of it.
    pub const fn total(self) -> Duration {
        Duration::from_ms(
            self.machine.as_ms().saturating_add(self.human.as_ms()).saturating_add(self.down.as_ms()),
        )
    }

    pub(super) fn add(&mut self, what: Spent, more: Duration) {
        let part = match what {
            Spent::Machine => &mut self.machine,
            Spent::Human => &mut self.human,
            Spent::Down => &mut self.down,
        };
        *part = Duration::from_ms(part.as_ms().saturating_add(more.as_ms()));
    }

    pub(super) fn plus(mut self, other: Self) -> Self {
        self.add(Spent::Machine, other.machine);
        self.add(Spent::Human, other.human);
        self.add(Spent::Down, other.down);
        self
    }
}

/// What time was spent on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spent {
    Machine,
    Human,
    Down,
}

/// How long one step took, all its attempts together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTiming {
    /// The step.
    pub step: StepId,
    /// What it was meant to take.
    pub budget: Duration,
    /// What it took.
    pub took: Timing,
    /// Whether it took longer than its budget.
    pub over: bool,
}
