//! What may follow what, and what follows from it.

use ripcord_model::Actor;

use super::{Answer, Choice, Entry, Execution, Outcome, Phase, Record, Refusal};
use crate::{Step, StepId};

impl Execution {
    /// Whether a record can follow.
    pub(super) fn check(&self, record: &Record) -> Result<(), Refusal> {
        if self.stopped.is_some() && !matches!(record.entry, Entry::Closed { .. }) {
            return Err(Refusal::Stopped);
        }
        if record.elapsed < self.elapsed() {
            return Err(Refusal::TimeRunsBackwards { last: self.elapsed(), found: record.elapsed });
        }
        match &record.entry {
            Entry::Started { step, attempt, out_of_order } => {
                self.check_start(step, *attempt, out_of_order.as_deref())
            }
            Entry::Output { step, attempt, .. } => match self.known(step)?.1 {
                Phase::Running { attempt: under_way } | Phase::Ran { attempt: under_way } => {
                    same(step, *under_way, *attempt)
                }
                phase => Err(not_now(step, phase, "output")),
            },
            Entry::Ended { step, attempt, .. } => match self.known(step)?.1 {
                Phase::Running { attempt: under_way } => same(step, *under_way, *attempt),
                phase => Err(not_now(step, phase, "an end")),
            },
            Entry::Answered { step, attempt, by, .. } => match self.known(step)? {
                (runbook_step, phase) if !runbook_step.kind.waits_for_a_person() => {
                    Err(not_now(step, phase, "an answer"))
                }
                (_, Phase::Running { attempt: under_way }) => {
                    same(step, *under_way, *attempt)?;
                    person(by)
                }
                (_, phase) => Err(not_now(step, phase, "an answer")),
            },
            Entry::Verified { step, attempt, .. } | Entry::NotVerified { step, attempt, .. } => {
                match self.known(step)?.1 {
                    Phase::Ran { attempt: ran } => same(step, *ran, *attempt),
                    phase => Err(not_now(step, phase, "a verification")),
                }
            }
            Entry::Confirmed { step, attempt, by, reason, .. } => {
                reason_given(reason)?;
                person(by)?;
                match self.known(step)?.1 {
                    Phase::Interrupted { attempt: last, .. } | Phase::Failed { attempt: last, .. } => {
                        same(step, *last, *attempt)
                    }
                    phase => Err(not_now(step, phase, "a confirmation")),
                }
            }
            Entry::Skipped { step, by, reason } => {
                reason_given(reason)?;
                person(by)?;
                match self.known(step)?.1 {
                    Phase::Pending | Phase::Interrupted { .. } | Phase::Failed { .. } => Ok(()),
                    Phase::Running { .. } | Phase::Ran { .. } => Err(Refusal::Underway(step.clone())),
                    Phase::Skipped { .. } | Phase::Done => Err(Refusal::Over(step.clone())),
                }
            }
            Entry::Approved { step, by } => self.check_approval(step, by),
            Entry::Resumed { .. } | Entry::Closed { .. } => Ok(()),
            Entry::Stopped { reason, .. } => reason_given(reason),
        }
    }

    fn check_start(&self, id: &StepId, attempt: u32, out_of_order: Option<&str>) -> Result<(), Refusal> {
        let (step, phase) = self.known(id)?;
        let last = match phase {
            Phase::Pending => 0,
            Phase::Running { .. } | Phase::Ran { .. } => return Err(Refusal::Underway(id.clone())),
            Phase::Skipped { .. } | Phase::Done => return Err(Refusal::Over(id.clone())),
            Phase::Interrupted { attempt, again } | Phase::Failed { attempt, again, .. } => {
                if !*again && !step.idempotent {
                    return Err(Refusal::NeedsConfirmation(id.clone()));
                }
                *attempt
            }
        };
        same(id, last + 1, attempt)?;
        let under_way = |phase: &Phase| matches!(phase, Phase::Running { .. } | Phase::Ran { .. });
        if let Some((other, _)) = self.steps().find(|(_, phase)| under_way(phase)) {
            return Err(Refusal::Underway(other.id.value.clone()));
        }
        self.check_bleeding(step)?;
        if let Some(level) = step.level().filter(|level| level.needs_approval())
            && !self.approved.contains_key(id)
        {
            return Err(Refusal::NeedsApproval { step: id.clone(), level });
        }
        let open = self.steps().find(|(_, phase)| !phase.is_over());
        match (open, out_of_order) {
            (Some((open, _)), None) if open.id.value != *id => {
                Err(Refusal::OutOfOrder { step: id.clone(), open: open.id.value.clone() })
            }
            (_, Some(reason)) => reason_given(reason),
            (_, None) => Ok(()),
        }
    }

    /// Somebody else agrees to a step that needs it.
    fn check_approval(&self, id: &StepId, by: &Actor) -> Result<(), Refusal> {
        let (step, phase) = self.known(id)?;
        person(by)?;
        if step.level().is_none_or(|level| !level.needs_approval()) {
            return Err(not_now(id, phase, "an approval"));
        }
        if self.runners.contains(&by.name) {
            return Err(Refusal::OwnApproval { step: id.clone(), by: by.to_string() });
        }
        if phase.is_over() { Err(Refusal::Over(id.clone())) } else { self.check_bleeding(step) }
    }

    /// No step of level migration or data begins while one that stops the bleeding is open, wherever it stands.
    pub(super) fn check_bleeding(&self, step: &Step) -> Result<(), Refusal> {
        let Some(level) = step.level().filter(|level| level.needs_approval()) else { return Ok(()) };
        let stops = |other: &Step| other.level().is_some_and(|level| !level.needs_approval());
        match self.steps().find(|(other, phase)| stops(other) && !phase.is_over()) {
            Some((other, _)) => Err(Refusal::BleedingFirst {
                step: step.id.value.clone(),
                level,
                open: other.id.value.clone(),
            }),
            None => Ok(()),
        }
    }

    fn known(&self, id: &StepId) -> Result<(&Step, &Phase), Refusal> {
        let step = self.runbook.step(id).ok_or_else(|| Refusal::NoSuchStep(id.clone()))?;
        Ok((step, &self.phases[id]))
    }

    /// What a record changes; it has been checked.
    pub(super) fn fold(&mut self, entry: &Entry) {
        match entry {
            Entry::Started { step, attempt, .. } => self.become_(step, Phase::Running { attempt: *attempt }),
            Entry::Output { .. } => {}
            Entry::Ended { step, attempt, outcome } => self.ended(step, *attempt, outcome),
            Entry::Verified { step, .. } => self.become_(step, Phase::Done),
            Entry::NotVerified { step, attempt, why, .. } => {
                let why = format!("not verified: {why}");
                self.become_(step, Phase::Failed { attempt: *attempt, why, again: false });
            }
            Entry::Answered { step, attempt, by, answer } => {
                let outcome = match answer {
                    Answer::Yes => Outcome::Done,
                    Answer::No => Outcome::Failed(format!("{by} answered no")),
                };
                self.ended(step, *attempt, &outcome);
            }
            Entry::Confirmed { step, attempt, choice, .. } => match choice {
                Choice::HasBeenDone => self.ended(step, *attempt, &Outcome::Done),
                Choice::Again => self.permit_again(step),
            },
            Entry::Skipped { step, reason, .. } => {
                self.become_(step, Phase::Skipped { reason: reason.clone() });
            }
            Entry::Approved { step, by } => {
                self.approved.insert(step.clone(), by.clone());
            }
            Entry::Closed { .. } => {}
            Entry::Resumed { by } => {
                self.runners.insert(by.name.clone());
                for phase in self.phases.values_mut() {
                    if let Phase::Running { attempt } = *phase {
                        *phase = Phase::Interrupted { attempt, again: false };
                    }
                }
            }
            Entry::Stopped { reason, .. } => self.stopped = Some(reason.clone()),
        }
    }

    fn ended(&mut self, id: &StepId, attempt: u32, outcome: &Outcome) {
        let verified_next = self.runbook.step(id).is_some_and(|step| step.verify.is_some());
        let phase = match outcome.failure() {
            Some(why) => Phase::Failed { attempt, why, again: false },
            None if verified_next => Phase::Ran { attempt },
            None => Phase::Done,
        };
        self.become_(id, phase);
    }

    fn permit_again(&mut self, id: &StepId) {
        match self.phases.get_mut(id) {
            Some(Phase::Interrupted { again, .. } | Phase::Failed { again, .. }) => *again = true,
            Some(
                Phase::Pending
                | Phase::Running { .. }
                | Phase::Ran { .. }
                | Phase::Skipped { .. }
                | Phase::Done,
            )
            | None => {}
        }
    }

    /// The step is now in this phase, and time is spent on it until it is over.
    fn become_(&mut self, id: &StepId, phase: Phase) {
        if !phase.is_over() {
            self.current = Some(id.clone());
        } else if self.current.as_ref() == Some(id) {
            self.current = None;
        }
        self.phases.insert(id.clone(), phase);
    }
}

fn same(step: &StepId, expected: u32, found: u32) -> Result<(), Refusal> {
    if expected == found {
        Ok(())
    } else {
        Err(Refusal::WrongAttempt { step: step.clone(), expected, found })
    }
}

fn not_now(step: &StepId, phase: &Phase, what: &'static str) -> Refusal {
    Refusal::NotNow { step: step.clone(), phase: phase.words(), what }
}

fn reason_given(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() { Err(Refusal::NoReason) } else { Ok(()) }
}

fn person(by: &Actor) -> Result<(), Refusal> {
    if by.is_person() { Ok(()) } else { Err(Refusal::NotAPerson(by.to_string())) }
}
