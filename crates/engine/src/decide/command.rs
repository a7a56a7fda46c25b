//! What people may ask for, and when. The way back is open from the gate to completion; before, a release is cancelled.

use ripcord_model::{Actor, Level, Timestamp};

use super::holds::describe;
use crate::{
    event::{Cause, Event, HoldCause},
    input::Command,
    phase::{BackState, GatingStep, Goal, Phase, StageStep},
    refusal::Refusal,
    release::{Release, needs_approval},
};

impl Release {
    pub(super) fn on_command(
        &self,
        by: &Actor,
        command: &Command,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(answer) = self.on_command_to_rehearsal(command, now) {
            return answer;
        }
        match command {
            Command::Ship => self.ship(),
            Command::Promote { why } => self.promote(by, why, now),
            Command::Hold { why } => self.hold(why),
            Command::Contain { why } => self.contain(by, why),
            Command::Rollback { why, level } => self.rollback(by, why, *level),
            Command::Acknowledge => self.acknowledge(by),
            Command::Approve { step } => self.approve(by, step),
            Command::Complete { why } => self.complete(by, why, now),
            Command::Alert { alert, since, then } => self.on_alert(by, alert, *since, *then),
            Command::Cancel { why } => self.cancel(why),
            Command::DespiteFreeze { why, until } => self.go_on_despite_freeze(by, why, *until, now),
        }
    }

    fn ship(&self) -> Result<Vec<Event>, Refusal> {
        if self.blueprint.last_good.is_none() {
            return Err(Refusal::NoLastGood);
        }
        match &self.phase {
            Phase::Planned if self.blueprint.staging.is_some() => Ok(vec![Event::Shipped]),
            Phase::Planned => Ok(vec![Event::Shipped, Event::StagingSkipped]),
            Phase::Gating(GatingStep::Blocked) => {
                Ok(vec![Event::Promoted { why: "asked the gate again".to_owned(), without: Vec::new() }])
            }
            // Shipping what is under way already is no news.
            Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Releasing { .. }
            | Phase::Verifying
            | Phase::Completing => Ok(Vec::new()),
            Phase::Contained | Phase::GoingBack(_) | Phase::Stuck { .. } => {
                Err(self.wrong_phase("ship", "it is on the way back; see `ripcord status`"))
            }
            Phase::Complete | Phase::Cancelling | Phase::Cancelled | Phase::RolledBack => {
                Err(self.wrong_phase("ship", "it is over; ship a release with a new name"))
            }
        }
    }

    fn hold(&self, why: &str) -> Result<Vec<Event>, Refusal> {
        needs_reason("hold", why)?;
        match &self.phase {
            Phase::Staging(_) | Phase::Gating(_) | Phase::Releasing { .. } | Phase::Verifying => {
                let cause = HoldCause::Person { why: why.to_owned() };
                let news = !self.holds.contains_key(&cause);
                Ok(if news { vec![Event::Held { cause }] } else { Vec::new() })
            }
            Phase::Planned
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::GoingBack(_)
            | Phase::RolledBack
            | Phase::Stuck { .. } => Err(self.wrong_phase("hold", "it is not moving forward")),
        }
    }

    fn contain(&self, by: &Actor, why: &str) -> Result<Vec<Event>, Refusal> {
        needs_reason("contain", why)?;
        match &self.phase {
            Phase::Releasing { .. } | Phase::Verifying => {
                let cause = Cause::Person { by: by.clone(), why: why.to_owned() };
                Ok(vec![Event::ContainDecided { cause }])
            }
            Phase::Gating(_) if self.touched_production => {
                Err(self.wrong_phase("contain", "no traffic reaches it; hold it or roll back"))
            }
            Phase::Planned | Phase::Staging(_) | Phase::Gating(_) => {
                Err(self.wrong_phase("contain", "no user has seen it yet; hold or cancel it"))
            }
            Phase::Contained => Err(self.wrong_phase("contain", "it is contained; roll back or promote")),
            Phase::GoingBack(_) | Phase::Stuck { .. } => {
                self.may_be_contained_on_the_way_back().map_err(|why| self.wrong_phase("contain", &why))?;
                if let Phase::GoingBack(Goal::Rollback(_)) | Phase::Stuck { goal: Goal::Rollback(_), .. } =
                    self.phase
                {
                    needs_person("leaving the rest of the way back", by)?;
                }
                let cause = Cause::Person { by: by.clone(), why: why.to_owned() };
                Ok(vec![Event::ContainDecided { cause }])
            }
            Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::RolledBack => Err(self.wrong_phase("contain", "it is over")),
        }
    }

    /// Whether a way back that has begun may end where the bleeding has stopped: the plan has to say how the damage is limited
    /// then, and what is half done is not left.
    pub(crate) fn may_be_contained_on_the_way_back(&self) -> Result<(), String> {
        match &self.phase {
            Phase::Stuck { goal: Goal::Contain, .. } => return Ok(()),
            Phase::GoingBack(Goal::Contain) => return Err("it is being contained already".to_owned()),
            Phase::GoingBack(Goal::Rollback(_)) | Phase::Stuck { goal: Goal::Rollback(_), .. } => {}
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Releasing { .. }
            | Phase::Verifying
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::RolledBack => return Err("it is not on the way back".to_owned()),
        }
        if !self.blueprint.changes.iter().any(|change| change.contain.is_some()) {
            let why = "it is on the way back, and its plan says of no change how it is contained";
            return Err(why.to_owned());
        }
        let steps = self.blueprint.way_back.steps.iter().zip(&self.back);
        let mut under_way =
            steps.filter(|(step, record)| !step.stops_bleeding && record.state == BackState::Running);
        match under_way.next() {
            Some((step, _)) => Err(format!("{} is under way; wait until it has ended", step.id)),
            None => Ok(()),
        }
    }

    fn rollback(&self, by: &Actor, why: &str, level: Option<Level>) -> Result<Vec<Event>, Refusal> {
        needs_reason("rollback", why)?;
        if let Some(level) = level
            && !self.blueprint.way_back.steps.iter().any(|step| step.level == level)
        {
            return Err(Refusal::NoSuchLevel { level: level.to_string() });
        }
        if self.blueprint.last_good.is_none() {
            return Err(Refusal::NoLastGood);
        }
        // An artifact went out, so at least it comes back.
        let level = level.map(|level| level.max(Level::Deploy));
        let wanted = level.unwrap_or(self.full_level());
        let cause = Cause::Person { by: by.clone(), why: why.to_owned() };
        let decided = |level| Event::RollbackDecided { cause, level };
        match &self.phase {
            Phase::Gating(_)
            | Phase::Releasing { .. }
            | Phase::Verifying
            | Phase::Contained
            | Phase::GoingBack(Goal::Contain) => Ok(vec![decided(wanted)]),
            Phase::GoingBack(Goal::Rollback(current)) if wanted > *current => Ok(vec![decided(wanted)]),
            Phase::GoingBack(Goal::Rollback(_)) => {
                Err(self.wrong_phase("rollback", "it is going back already"))
            }
            Phase::Stuck { step, goal, .. } => {
                if level.is_some() {
                    needs_person("leaving a step of the way back out", by)?;
                }
                Ok(self.leave_stuck(*step, *goal, level, why, decided))
            }
            Phase::Planned | Phase::Staging(_) => {
                Err(self.wrong_phase("rollback", "nothing of it is in production; cancel it"))
            }
            Phase::Completing | Phase::Complete => {
                Err(self.wrong_phase("rollback", "last good is gone; ship it again as a release of its own"))
            }
            Phase::Cancelling | Phase::Cancelled | Phase::RolledBack => {
                Err(self.wrong_phase("rollback", "it is over; last good serves"))
            }
        }
    }

    /// Without a level the failed step is tried again; with one it is left out and the level's steps follow.
    fn leave_stuck(
        &self,
        step: usize,
        goal: Goal,
        level: Option<Level>,
        why: &str,
        decided: impl FnOnce(Level) -> Event,
    ) -> Vec<Event> {
        let current = match goal {
            Goal::Contain => self.full_level(),
            Goal::Rollback(level) => level,
        };
        match level {
            None => vec![decided(current)],
            Some(level) => {
                let step = self.blueprint.way_back.steps[step].id.clone();
                vec![Event::BackStepSkipped { step, why: why.to_owned() }, decided(level)]
            }
        }
    }

    fn acknowledge(&self, by: &Actor) -> Result<Vec<Event>, Refusal> {
        needs_person("acknowledge", by)?;
        if self.phase.name().is_final() {
            return Err(self.wrong_phase("acknowledge", "it is over"));
        }
        Ok(vec![Event::Acknowledged])
    }

    fn approve(&self, by: &Actor, step: &str) -> Result<Vec<Event>, Refusal> {
        needs_person("approve", by)?;
        let no_such_step = || Refusal::NoSuchStep { step: step.to_owned() };
        let index = self.back_index(step).ok_or_else(no_such_step)?;
        if !self.waits_for_approval(index) {
            return Err(no_such_step());
        }
        let (name, who) = (by.to_string(), self.who_could_approve());
        if self.is_owner(by) {
            return Err(Refusal::OwnApproval { by: name, who });
        }
        if !self.is_approver(by) {
            return Err(Refusal::NotAnApprover { by: name, who });
        }
        Ok(vec![Event::BackStepApproved { step: step.to_owned() }])
    }

    /// Whether a step of the way back that is being gone still has to be approved. Nobody approves ahead of a decision.
    fn waits_for_approval(&self, index: usize) -> bool {
        let (Phase::GoingBack(goal) | Phase::Stuck { goal, .. }) = self.phase else {
            return false;
        };
        let to_come = match self.back[index].state {
            BackState::Waiting | BackState::Failed => !self.back[index].approved,
            BackState::Running | BackState::Achieved { .. } | BackState::Done | BackState::Skipped => false,
        };
        let mut order = self.back_order(goal);
        to_come && order.any(|(other, step)| other == index && needs_approval(step))
    }

    fn complete(&self, by: &Actor, why: &str, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        needs_reason("complete", why)?;
        needs_person("complete", by)?;
        if self.phase != Phase::Verifying {
            return Err(self.wrong_phase(
                "complete",
                "only a release that has had all traffic for its validation is complete",
            ));
        }
        // What begins to hold just now counts, though nobody has looked at the clock since.
        let begun = self.holds_changed(now).unwrap_or_default();
        let begun = begun.iter().filter_map(|event| match event {
            Event::Held { cause } => Some(cause),
            _lifted => None,
        });
        let holds: Vec<String> = self.holds.keys().chain(begun).map(describe).collect();
        if !holds.is_empty() {
            return Err(Refusal::Holding { why: holds.join("; ") });
        }
        match self.what_is_missing(self.blueprint.last_stage(), now).into_iter().next() {
            Some(missing) => Err(Refusal::TooEarly { why: missing.why }),
            None => Ok(vec![Event::Completed { why: why.to_owned() }]),
        }
    }

    fn cancel(&self, why: &str) -> Result<Vec<Event>, Refusal> {
        needs_reason("cancel", why)?;
        match &self.phase {
            Phase::Gating(_) if self.touched_production => {
                Err(self.wrong_phase("cancel", "it has touched production: roll back"))
            }
            Phase::Planned | Phase::Staging(_) | Phase::Gating(_) => {
                Ok(vec![Event::Cancelled { why: why.to_owned() }])
            }
            Phase::Releasing { .. } | Phase::Verifying | Phase::Contained | Phase::Stuck { .. } => {
                Err(self.wrong_phase("cancel", "it has touched production: promote, contain or roll back"))
            }
            Phase::GoingBack(_) => Err(self.wrong_phase("cancel", "it is going back")),
            Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::RolledBack => Err(self.wrong_phase("cancel", "it is over")),
        }
    }

    pub(super) fn wrong_phase(&self, command: &str, instead: &str) -> Refusal {
        Refusal::WrongPhase {
            command: command.to_owned(),
            phase: self.phase.name(),
            instead: instead.to_owned(),
        }
    }

    /// Whether the release stands before the stage with all traffic and has everything but a person's agreement.
    pub(crate) fn needs_person_for_full_share(&self) -> bool {
        match self.phase {
            Phase::Releasing { stage, step: StageStep::Ready } => stage + 1 == self.blueprint.last_stage(),
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Releasing { .. }
            | Phase::Verifying
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::GoingBack(_)
            | Phase::RolledBack
            | Phase::Stuck { .. } => false,
        }
    }
}

pub(crate) fn needs_reason(command: &str, why: &str) -> Result<(), Refusal> {
    if why.trim().is_empty() { Err(Refusal::NeedsReason { command: command.to_owned() }) } else { Ok(()) }
}

pub(super) fn needs_person(command: &str, by: &Actor) -> Result<(), Refusal> {
    if by.is_person() {
        return Ok(());
    }
    Err(Refusal::NeedsPerson { command: command.to_owned(), by: by.to_string() })
}
