//! Where a rehearsal decides: when last good has been watched for long enough, and when the way back begins. What it came
//! to is said by `rehearsal_result.rs`. The way back itself is walked by `back.rs`, as in production: that is the promise.

use ripcord_model::Timestamp;

use super::command::needs_reason;
use crate::{
    effect::{Desired, Place},
    event::{Cause, Event},
    input::Command,
    observations::LeadsTo,
    phase::{GatingStep, Phase, StageStep},
    refusal::Refusal,
    rehearsal::{RehearsalResult, Rehearsing, Trigger},
    release::Release,
    status::{Waiting, WaitingOn},
};

/// Why a rehearsal that was interrupted has no confirmed time.
pub(super) const INTERRUPTED: &str =
    "the control plane was restarted in the middle of it, so its time says nothing";

impl Rehearsing {
    /// Whether what is in force has still to be compared with what was.
    pub(crate) fn still_looks(&self) -> bool {
        self.after.is_none() && self.result.is_none()
    }
}

impl Release {
    /// What follows for a rehearsal from its state and the time alone.
    pub(super) fn rehearse(&self, now: Timestamp) -> Option<Vec<Event>> {
        let rehearsing = self.rehearsing.as_deref().filter(|rehearsing| rehearsing.result.is_none())?;
        match &self.phase {
            Phase::Planned | Phase::Gating(_) if rehearsing.interrupted => {
                Some(self.give_up(INTERRUPTED, now))
            }
            Phase::Gating(GatingStep::Settling) => {
                let plan = &self.blueprint.rehearsal.as_ref()?.plan;
                let over = now.since(rehearsing.settling_since?) >= plan.baseline;
                over.then(|| vec![Event::RehearsalSettled])
            }
            Phase::Releasing { .. } => {
                let trigger = self.rehearsal_trigger(rehearsing, now)?;
                let cause = Cause::Rehearsal(trigger);
                Some(vec![Event::RollbackDecided { cause, level: self.full_level() }])
            }
            Phase::Stuck { step, reason, .. } => {
                let id = self.blueprint.way_back.steps[*step].id.clone();
                let mut result = self.rehearsal_result(now);
                result.failed = Some(format!("the way back failed at {id}: {reason}"));
                result.failed_step = Some(id);
                Some(vec![rehearsed(result)])
            }
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Verifying
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::GoingBack(_)
            | Phase::RolledBack => None,
        }
    }

    fn rehearsal_trigger(&self, rehearsing: &Rehearsing, now: Timestamp) -> Option<Trigger> {
        if rehearsing.interrupted {
            return Some(Trigger::Failed(INTERRUPTED.to_owned()));
        }
        let Phase::Releasing { stage, step: StageStep::Baking } = self.phase else {
            return None;
        };
        let candidate = &self.candidate().version;
        if self.observations.candidate_is_dead() {
            let killed = rehearsing.fault_at.is_some();
            let died = || Trigger::Failed(format!("{candidate} died in {}", self.blueprint.production.name));
            return Some(if killed { Trigger::FaultKilled } else { died() });
        }
        let of = self.blueprint.rehearsal.as_ref()?;
        let Some(fault) = &of.fault else {
            let since = self.stages[stage].baking_since?;
            let over = self.wanted_of_rehearsal().is_none() && now.since(since) >= of.plan.traffic;
            return over.then_some(Trigger::Planned);
        };
        let broken_at = rehearsing.fault_at?;
        if let Some(verdict) = self.due(LeadsTo::Rollback).or_else(|| self.due(LeadsTo::Contain)) {
            return Some(Trigger::FaultSeen(verdict));
        }
        (now.since(broken_at) >= fault.within).then_some(Trigger::FaultUnseen)
    }

    /// While the candidate has traffic: its flags on, then what is broken on purpose.
    pub(crate) fn wanted_of_rehearsal(&self) -> Option<Desired> {
        let rehearsing = self.rehearsing.as_ref()?;
        self.rehearsed_flag(rehearsing.flags_on, true).or_else(|| {
            let fault = self.blueprint.rehearsal.as_ref()?.fault.as_ref()?;
            let command = fault.command.clone();
            rehearsing.fault_at.is_none().then_some(Desired::Fault { place: Place::Production, command })
        })
    }

    pub(crate) fn rehearsed_flag(&self, position: usize, on: bool) -> Option<Desired> {
        let flag = self.flags_of_the_way_back().nth(position)?.to_owned();
        Some(Desired::Flag { place: Place::Production, flag, on })
    }

    /// What a failure for good means where a rehearsal has an answer of its own.
    pub(super) fn rehearsal_failed(&self, reason: &str, now: Timestamp) -> Option<Vec<Event>> {
        self.rehearsing.as_ref().filter(|rehearsing| rehearsing.result.is_none())?;
        match &self.phase {
            Phase::Gating(_) => Some(self.give_up(reason, now)),
            Phase::Releasing { .. } => {
                let cause = Cause::Rehearsal(Trigger::Failed(reason.to_owned()));
                Some(vec![Event::RollbackDecided { cause, level: self.full_level() }])
            }
            Phase::GoingBack(goal) if self.current_back_step(*goal).is_none() => {
                let mut result = self.rehearsal_result(now);
                let environment = &self.blueprint.production.name;
                result.failed = Some(format!("{environment} could not be read back afterwards: {reason}"));
                Some(vec![rehearsed(result), Event::RolledBack])
            }
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Verifying
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::GoingBack(_)
            | Phase::RolledBack
            | Phase::Stuck { .. } => None,
        }
    }

    /// The end of a rehearsal's way back: nothing before it has been looked, then the result, then the end.
    pub(super) fn with_rehearsal_result(&self, end: Event, now: Timestamp) -> Option<Vec<Event>> {
        let open = self.rehearsing.as_ref().filter(|rehearsing| rehearsing.result.is_none());
        let Some(rehearsing) = open.filter(|_| end == Event::RolledBack) else { return Some(vec![end]) };
        if rehearsing.still_looks() {
            return None;
        }
        Some(vec![rehearsed(self.rehearsal_result(now)), end])
    }

    /// Whether a restart finds the rehearsal in the middle.
    pub(super) fn is_rehearsal_interrupted_now(&self) -> bool {
        let open = |rehearsing: &Rehearsing| !rehearsing.interrupted && rehearsing.result.is_none();
        self.rehearsing.as_deref().is_some_and(open) && !self.is_over()
    }

    /// Nothing of the candidate has been started: there is no way back to go.
    fn give_up(&self, reason: &str, now: Timestamp) -> Vec<Event> {
        let mut result = self.rehearsal_result(now);
        result.failed = Some(reason.to_owned());
        vec![rehearsed(result), Event::Cancelled { why: reason.to_owned() }]
    }

    /// A rehearsal climbs no stages, so most of what may be asked of a release makes no sense; `None` for the rest.
    pub(super) fn on_command_to_rehearsal(
        &self,
        command: &Command,
        now: Timestamp,
    ) -> Option<Result<Vec<Event>, Refusal>> {
        self.rehearsing.as_ref()?;
        let refused = |verb: &str| {
            let instead = "it is a rehearsal: it ends by itself, or earlier by `ripcord rollback`";
            Some(Err(self.wrong_phase(verb, instead)))
        };
        match command {
            Command::Promote { .. } => refused("promote"),
            Command::Hold { .. } => refused("hold"),
            Command::Contain { .. } => refused("contain"),
            Command::Complete { .. } => refused("complete"),
            Command::Alert { .. } => refused("an alert"),
            Command::DespiteFreeze { .. } => refused("an exception from freezes"),
            Command::Cancel { why } => match &self.phase {
                Phase::Planned | Phase::Gating(_) => Some(
                    needs_reason("cancel", why).map(|()| self.give_up(&format!("cancelled: {why}"), now)),
                ),
                // It has its result; whoever rehearses again takes staging over.
                Phase::Stuck { .. } => {
                    Some(needs_reason("cancel", why).map(|()| vec![Event::Cancelled { why: why.to_owned() }]))
                }
                Phase::Staging(_)
                | Phase::Releasing { .. }
                | Phase::Verifying
                | Phase::Completing
                | Phase::Complete
                | Phase::Cancelling
                | Phase::Cancelled
                | Phase::Contained
                | Phase::GoingBack(_)
                | Phase::RolledBack => None,
            },
            Command::Ship | Command::Rollback { .. } | Command::Acknowledge | Command::Approve { .. } => None,
        }
    }

    pub(crate) fn waiting_in_rehearsal(&self, now: Timestamp) -> Option<Waiting> {
        let rehearsing = self.rehearsing.as_ref()?;
        let of = self.blueprint.rehearsal.as_ref()?;
        let (until, what) = match (&self.phase, &of.fault) {
            (Phase::Gating(_), _) => (
                rehearsing.settling_since?.plus(of.plan.baseline),
                format!("{} is watched", self.last_good().version),
            ),
            (Phase::Releasing { stage, .. }, None) => {
                let since = self.stages[*stage].baking_since?;
                (since.plus(of.plan.traffic), format!("{} has traffic", self.candidate().version))
            }
            (_, Some(fault)) => {
                let what = "the fault has to be seen by a signal".to_owned();
                (rehearsing.fault_at?.plus(fault.within), what)
            }
            (_, None) => return None,
        };
        let left = until.since(now).human();
        let why = format!("{what} for {left} more");
        Some(super::waiting(WaitingOn::Dwell { until }, &why, &format!("in {left}")))
    }
}

fn rehearsed(result: RehearsalResult) -> Event {
    Event::Rehearsed { result: Box::new(result) }
}
