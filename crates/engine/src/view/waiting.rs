//! Why nothing is happening. Every place a release can rest in has an answer here.

use ripcord_model::{Level, Timestamp};

use crate::{
    decide::{describe, waiting},
    event::HoldCause,
    phase::{BackState, GatingStep, Goal, Phase, StageStep, StagingStep},
    release::{Release, is_verification, needs_approval},
    status::{Waiting, WaitingOn},
};

impl Release {
    pub(super) fn waiting(&self, now: Timestamp) -> Vec<Waiting> {
        let mut reasons = self.waiting_on_effects(now);
        reasons.extend(self.holds.keys().map(|cause| self.waiting_on_hold(cause, now)));
        match &self.phase {
            Phase::Planned => reasons.push(self.waiting_for(None, "ship", "nobody has shipped it")),
            Phase::Gating(GatingStep::Blocked) => reasons.push(self.waiting_at_gate()),
            Phase::Gating(GatingStep::Settling) => reasons.extend(self.waiting_in_rehearsal(now)),
            Phase::Releasing { step: StageStep::Baking, .. } if self.rehearsing.is_some() => {
                reasons.extend(self.waiting_in_rehearsal(now));
            }
            Phase::Releasing { stage, step: StageStep::Baking } => {
                reasons.extend(self.what_is_missing(*stage, now))
            }
            Phase::Releasing { stage, step: StageStep::Ready } => {
                if self.needs_person_for_full_share() && !self.promoted {
                    let why = "100% is entered by a named person, or while on-call has acknowledged";
                    reasons.push(self.waiting_for(Some(self.blueprint.owner.clone()), "promote", why));
                }
                reasons.extend(self.what_is_missing(*stage, now));
            }
            Phase::Verifying => {
                let missing = self.what_is_missing(self.blueprint.last_stage(), now);
                if missing.is_empty() && self.holds.is_empty() {
                    let why = "validation has passed; complete is declared by a named person";
                    reasons.push(self.waiting_for(Some(self.blueprint.owner.clone()), "complete", why));
                }
                reasons.extend(missing);
            }
            Phase::Contained => {
                reasons.push(self.waiting_for(
                    self.blueprint.on_call.clone(),
                    "rollback",
                    "a person decides: back, or promote to go forward",
                ));
            }
            Phase::GoingBack(goal) => reasons.extend(self.waiting_on_the_way_back(*goal, now)),
            Phase::Stuck { reason, step, .. } => reasons.push(self.waiting_when_stuck(*step, reason)),
            Phase::Staging(
                StagingStep::Deploy | StagingStep::Probe | StagingStep::TakeDown | StagingStep::Passed,
            )
            | Phase::Gating(_)
            | Phase::Releasing { .. }
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::RolledBack => {}
        }
        if reasons.is_empty() && !self.is_over() {
            reasons.push(waiting(
                WaitingOn::Tick,
                "it has everything it needs",
                "at the next look at the clock",
            ));
        }
        reasons
    }

    fn waiting_on_effects(&self, now: Timestamp) -> Vec<Waiting> {
        let Some(pending) = self.underway.main() else {
            return Vec::new();
        };
        let what = pending.effect.desired.in_words();
        let attempt = pending.effect.attempt;
        vec![match pending.retry_at {
            Some(at) => waiting(
                WaitingOn::Retry { at },
                &format!("{what} failed {attempt} times"),
                &format!("it is tried again in {}", at.since(now).human()),
            ),
            None => waiting(WaitingOn::Effect, &format!("{what} is under way"), "when it has been read back"),
        }]
    }

    fn waiting_on_hold(&self, cause: &HoldCause, now: Timestamp) -> Waiting {
        let until = match cause {
            HoldCause::Person { .. } => format!("ripcord promote {} --why \"…\"", self.blueprint.release),
            HoldCause::Alert { .. } => format!(
                "when it does not fire any more, or ripcord promote {} --why \"…\"",
                self.blueprint.release
            ),
            HoldCause::Rule { .. } => "when the rule is no longer violated".to_owned(),
            HoldCause::Distrusted { .. } => {
                format!("when it is gone, or ripcord promote {} --why \"…\"", self.blueprint.release)
            }
            HoldCause::Blind { .. } => self.blind_until(cause, now),
            HoldCause::Freeze { until, .. } => {
                let excepted = match &self.blueprint.hotfix {
                    Some(_) => format!(", or when {} excepts it", self.who_could_approve()),
                    None => String::new(),
                };
                format!("in {}{excepted}; the way back stays open", until.since(now).human())
            }
        };
        waiting(WaitingOn::Hold { cause: cause.clone() }, &describe(cause), &until)
    }

    fn blind_until(&self, cause: &HoldCause, now: Timestamp) -> String {
        let since = self.holds.get(cause).copied().unwrap_or(now);
        let deadline = since.plus(self.blueprint.blind.deadline);
        let then = match self.blueprint.blind.then {
            ripcord_model::blueprint::BlindAction::Rollback => "it goes back",
            ripcord_model::blueprint::BlindAction::Ask => "a person is asked",
        };
        if deadline <= now {
            return "when the source answers, or a person decides".to_owned();
        }
        format!("when the source answers; otherwise {then} in {}", deadline.since(now).human())
    }

    fn waiting_at_gate(&self) -> Waiting {
        let blocking: Vec<_> = self.gate.iter().filter(|check| !check.status.opens()).collect();
        let names: Vec<_> = blocking.iter().map(|check| check.check.as_str()).collect();
        let why = format!("the gate is closed: {}", names.join(", "));
        let until = format!("fix what it names, then: ripcord ship {}", self.blueprint.release);
        waiting(WaitingOn::Gate { blocking: blocking.len() }, &why, &until)
    }

    fn waiting_on_the_way_back(&self, goal: Goal, now: Timestamp) -> Option<Waiting> {
        let (index, step) = self.current_back_step(goal)?;
        match self.back[index].state {
            BackState::Waiting if needs_approval(step) && !self.back[index].approved => {
                let command = format!("ripcord approve {} {}", self.blueprint.release, step.id);
                let why = format!(
                    "{} is a step of level {} and needs approval by {}",
                    step.id,
                    step.level,
                    self.who_could_approve()
                );
                let until = command.clone();
                Some(waiting(WaitingOn::Person { command, who: None }, &why, &until))
            }
            BackState::Achieved { at } if is_verification(step) => {
                let since = self.observations.control_within_limits_since().map_or(at, |since| since.max(at));
                let until = since.plus(self.blueprint.way_back.recovery);
                let left = until.since(now).human();
                let why = if self.observations.control_is_within_limits() {
                    format!("recovery has to be seen for {}", self.blueprint.way_back.recovery.human())
                } else {
                    format!("signals of {} are still beyond their limits", self.last_good().version)
                };
                Some(waiting(WaitingOn::Recovery { until }, &why, &format!("in {left} if nothing happens")))
            }
            BackState::Waiting
            | BackState::Running
            | BackState::Achieved { .. }
            | BackState::Done
            | BackState::Skipped
            | BackState::Failed => None,
        }
    }

    fn waiting_when_stuck(&self, step: usize, reason: &str) -> Waiting {
        let release = &self.blueprint.release;
        let command = format!("ripcord rollback {release} --why \"…\"");
        let offers: Vec<String> =
            self.offers_after(step).into_iter().map(|level: Level| format!("--level {level}")).collect();
        let until = if offers.is_empty() {
            format!("repair it, then: {command}")
        } else {
            format!("repair it, then: {command}; or leave the step out with {}", offers.join(" or "))
        };
        waiting(WaitingOn::Person { command, who: self.blueprint.on_call.clone() }, reason, &until)
    }

    fn waiting_for(&self, who: Option<ripcord_model::Person>, verb: &str, why: &str) -> Waiting {
        let reason = if verb == "ship" { "" } else { " --why \"…\"" };
        let command = format!("ripcord {verb} {}{reason}", self.blueprint.release);
        let until = command.clone();
        waiting(WaitingOn::Person { command, who }, why, &until)
    }
}
