//! The state of a run: the fold of its records.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ripcord_model::{Actor, Duration, Level, Person, Timestamp};
use serde::Serialize;

use super::{Entry, FORMAT, Header, Next, Record, Refusal, StepTiming, Timing, timing::Spent};
use crate::{Runbook, Step, StepId};

/// Where a step is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "phase", rename_all = "kebab-case")]
pub enum Phase {
    /// Not begun.
    Pending,
    /// Begun, its end not recorded.
    Running {
        /// Which attempt.
        attempt: u32,
    },
    /// Its own work has ended, its verification has not.
    Ran {
        /// Which attempt.
        attempt: u32,
    },
    /// Whoever ran it was gone before it ended.
    Interrupted {
        /// Which attempt.
        attempt: u32,
        /// Whether a person has said that it may be done again.
        again: bool,
    },
    /// It failed.
    Failed {
        /// Which attempt.
        attempt: u32,
        /// In a few words.
        why: String,
        /// Whether a person has said that it may be done again.
        again: bool,
    },
    /// Left out.
    Skipped {
        /// Why.
        reason: String,
    },
    /// Done, and verified where it has a verification.
    Done,
}

impl Phase {
    /// For messages: `` `flag-off` is … ``.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Pending => "not begun",
            Self::Running { .. } => "under way",
            Self::Ran { .. } => "done but not verified",
            Self::Interrupted { .. } => "interrupted",
            Self::Failed { .. } => "failed",
            Self::Skipped { .. } => "skipped",
            Self::Done => "done",
        }
    }

    /// Whether nothing more is to come.
    pub const fn is_over(&self) -> bool {
        match self {
            Self::Skipped { .. } | Self::Done => true,
            Self::Pending
            | Self::Running { .. }
            | Self::Ran { .. }
            | Self::Interrupted { .. }
            | Self::Failed { .. } => false,
        }
    }
}

/// A run of a runbook.
#[derive(Debug, Clone)]
pub struct Execution {
    pub(super) runbook: Arc<Runbook>,
    pub(super) phases: BTreeMap<StepId, Phase>,
    pub(super) stopped: Option<String>,
    /// Whoever has run it so far: none of them can approve a step.
    pub(super) runners: BTreeSet<Person>,
    /// Who agreed to a step, where that is needed.
    pub(super) approved: BTreeMap<StepId, Actor>,
    /// The step that time is spent on.
    pub(super) current: Option<StepId>,
    took: BTreeMap<StepId, Timing>,
    between: Timing,
    last: Duration,
    last_at: Timestamp,
}

impl Execution {
    /// A run that has just begun.
    ///
    /// # Errors
    /// When the header is of another format, or of another text of the runbook.
    pub fn new(runbook: Arc<Runbook>, header: &Header) -> Result<Self, Refusal> {
        if header.format != FORMAT {
            return Err(Refusal::UnknownFormat { found: header.format, known: FORMAT });
        }
        if header.hash != runbook.hash {
            return Err(Refusal::OtherRunbook { expected: runbook.hash.clone(), found: header.hash.clone() });
        }
        let phases = runbook.steps.iter().map(|step| (step.id.value.clone(), Phase::Pending)).collect();
        Ok(Self {
            runbook,
            phases,
            stopped: None,
            runners: BTreeSet::from([header.by.name.clone()]),
            approved: BTreeMap::new(),
            current: None,
            took: BTreeMap::new(),
            between: Timing::default(),
            last: Duration::ZERO,
            last_at: header.started_at,
        })
    }

    /// A run as its journal says.
    ///
    /// # Errors
    /// As [`Execution::new`] and [`Execution::record`].
    pub fn replay(runbook: Arc<Runbook>, header: &Header, records: &[Record]) -> Result<Self, Refusal> {
        let mut execution = Self::new(runbook, header)?;
        for record in records {
            execution.record(record)?;
        }
        Ok(execution)
    }

    /// One more record: live, before it is acted upon, and after a crash.
    ///
    /// # Errors
    /// When it cannot follow what was recorded before; then nothing has changed.
    pub fn record(&mut self, record: &Record) -> Result<(), Refusal> {
        self.check(record)?;
        self.spend(record);
        self.fold(&record.entry);
        Ok(())
    }

    /// The runbook.
    pub fn runbook(&self) -> &Arc<Runbook> {
        &self.runbook
    }

    /// Where a step is.
    pub fn phase(&self, step: &StepId) -> Option<&Phase> {
        self.phases.get(step)
    }

    /// The steps in the order of the file, each with where it is.
    pub fn steps(&self) -> impl Iterator<Item = (&Step, &Phase)> {
        self.runbook.steps.iter().map(|step| (step, &self.phases[&step.id.value]))
    }

    /// The monotonic time of the last record.
    pub const fn elapsed(&self) -> Duration {
        self.last
    }

    /// The monotonic time at which a run goes on that is resumed at `now`: a wall clock that was set back adds nothing.
    pub const fn elapsed_when_resumed(&self, now: Timestamp) -> Duration {
        Duration::from_ms(self.last.as_ms().saturating_add(now.since(self.last_at).as_ms()))
    }

    /// What is next. Steps come in the order of the file, but one that is under way comes first.
    pub fn next(&self) -> Next {
        if let Some(reason) = &self.stopped {
            return Next::Stopped { reason: reason.clone() };
        }
        let under_way =
            self.steps().find(|(_, phase)| matches!(phase, Phase::Running { .. } | Phase::Ran { .. }));
        let open = || self.steps().find(|(_, phase)| !phase.is_over());
        let next = under_way.or_else(open).map_or(Next::Done, |(step, phase)| next_of(step, phase));
        match next {
            Next::Run { step, .. } | Next::Ask { step, .. } if self.lacks_approval(&step) => {
                Next::Approve { step }
            }
            next @ (Next::Run { .. }
            | Next::Ask { .. }
            | Next::Verify { .. }
            | Next::Confirm { .. }
            | Next::Approve { .. }
            | Next::Underway { .. }
            | Next::Failed { .. }
            | Next::Stopped { .. }
            | Next::Done) => next,
        }
    }

    /// Who agreed to a step of level migration or data.
    pub fn approved_by(&self, step: &StepId) -> Option<&Actor> {
        self.approved.get(step)
    }

    /// Whether somebody else has still to agree to a step, once what stops the bleeding is over: before that nobody can
    /// know what they agree to.
    fn lacks_approval(&self, id: &StepId) -> bool {
        let step = self.runbook.step(id);
        step.is_some_and(|step| {
            step.level().is_some_and(Level::needs_approval)
                && !self.approved.contains_key(id)
                && self.check_bleeding(step).is_ok()
        })
    }

    /// How long each step took so far, in the order of the file.
    pub fn step_timings(&self) -> Vec<StepTiming> {
        let timing = |step: &Step| {
            let took = self.took.get(&step.id.value).copied().unwrap_or_default();
            let budget = step.budget();
            StepTiming { step: step.id.value.clone(), budget, took, over: took.total() > budget }
        };
        self.runbook.steps.iter().map(timing).collect()
    }

    /// How long all of it took so far, what passed between steps included.
    pub fn timing(&self) -> Timing {
        self.took.values().fold(self.between, |sum, took| sum.plus(*took))
    }

    /// Whether it took longer than the runbook's budget.
    pub fn is_over_budget(&self) -> bool {
        self.timing().total() > self.runbook.budget.value
    }

    /// The time since the last record belongs to the step that was under way, by what it was doing.
    fn spend(&mut self, record: &Record) {
        let passed = Duration::from_ms(record.elapsed.as_ms() - self.last.as_ms());
        self.last = record.elapsed;
        self.last_at = record.at;
        let resumed = matches!(record.entry, Entry::Resumed { .. });
        if let (Next::Approve { step }, false) = (self.next(), resumed) {
            self.took.entry(step).or_default().add(Spent::Human, passed);
            return;
        }
        let Some(id) = &self.current else {
            self.between.add(if resumed { Spent::Down } else { Spent::Machine }, passed);
            return;
        };
        let waits = self.runbook.step(id).is_some_and(|step| step.kind.waits_for_a_person());
        let spent = match &self.phases[id] {
            _ if resumed => Spent::Down,
            Phase::Running { .. } if waits => Spent::Human,
            Phase::Interrupted { .. } | Phase::Failed { .. } => Spent::Human,
            Phase::Pending
            | Phase::Running { .. }
            | Phase::Ran { .. }
            | Phase::Skipped { .. }
            | Phase::Done => Spent::Machine,
        };
        self.took.entry(id.clone()).or_default().add(spent, passed);
    }
}

fn next_of(step: &Step, phase: &Phase) -> Next {
    let id = step.id.value.clone();
    let run = |step: StepId, attempt: u32, asks: bool| match asks {
        true => Next::Ask { step, attempt },
        false => Next::Run { step, attempt },
    };
    let asks = step.kind.waits_for_a_person();
    match phase {
        Phase::Pending => run(id, 1, asks),
        Phase::Running { attempt } => Next::Underway { step: id, attempt: *attempt },
        Phase::Ran { attempt } => Next::Verify { step: id, attempt: *attempt },
        Phase::Interrupted { attempt, again } if *again || step.idempotent => run(id, attempt + 1, asks),
        Phase::Interrupted { attempt, .. } => Next::Confirm { step: id, attempt: *attempt },
        Phase::Failed { attempt, again: true, .. } => run(id, attempt + 1, asks),
        Phase::Failed { attempt, why, again: false } => {
            Next::Failed { step: id, attempt: *attempt, why: why.clone() }
        }
        Phase::Skipped { .. } | Phase::Done => Next::Done,
    }
}
