//! A runbook, read.

use ripcord_model::{
    Duration, EnvironmentName, Person,
    diagnostic::Diagnostic,
    source::{Place, Spanned},
};

use crate::{ExecutedHash, RunbookHash, RunbookName, SignalCondition, Step, StepId, Template};

/// A runbook, read: its front matter, its sections and its marked fences, each with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Runbook {
    /// The file.
    pub path: String,
    /// Its name.
    pub name: Spanned<RunbookName>,
    /// The team or person that keeps it true.
    pub owner: Spanned<Person>,
    /// When it is to be run; absent when only a person decides that.
    pub trigger: Option<Spanned<SignalCondition>>,
    /// How long all of it may take.
    pub budget: Spanned<Duration>,
    /// What one must have access to before it is needed.
    pub access: Vec<Spanned<String>>,
    /// Where and how often it is rehearsed.
    pub rehearse: Option<Rehearse>,
    /// Its headings, in their order.
    pub sections: Vec<Section>,
    /// What is executed, in the order of the file.
    pub steps: Vec<Step>,
    /// Messages written before they are needed; those with a `step` are steps besides.
    pub templates: Vec<Template>,
    /// SHA-256 of the file.
    pub hash: RunbookHash,
    /// SHA-256 of what is executed.
    pub executed: ExecutedHash,
    /// What reading it found that is no mistake and still worth a look; lint reports it.
    pub(crate) remarks: Vec<Diagnostic>,
}

impl Runbook {
    /// A step by its id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id.value == *id)
    }

    /// The number of a step, from 1.
    pub fn number(&self, id: &StepId) -> Option<usize> {
        self.steps.iter().position(|step| step.id.value == *id).map(|position| position + 1)
    }
}

/// Where and how often a runbook is rehearsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearse {
    /// Where it is written.
    pub place: Place,
    /// The environment.
    pub environment: Spanned<EnvironmentName>,
    /// A rehearsal older than this does not count.
    pub every: Spanned<Duration>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Where the heading is.
    pub place: Place,
    /// 1 for `#`, up to 6.
    pub depth: u8,
    /// Its plain text.
    pub title: String,
}
