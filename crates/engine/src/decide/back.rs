//! Where a rollback is carried forward, step by step: **the** place to look for "why does it go back like this".
//!
//! Flags and traffic first; nothing of level 3 or 4 before the bleeding has stopped and somebody who is not the
//! owner has approved; recovery is verified, not assumed; and the way back is only reported as gone when the
//! router itself has been read back.

use ripcord_model::{Level, Timestamp, blueprint::WayBackAction, blueprint::WayBackStep};

use crate::{
    effect::Weights,
    event::Event,
    phase::{BackState, Goal},
    release::{Release, is_verification, needs_approval},
};

/// How many recovery times verification waits for the signals before it calls a person.
const RECOVERY_PATIENCE: u64 = 10;
/// And how long at least.
const RECOVERY_PATIENCE_MIN_MS: u64 = 60_000;

impl Release {
    pub(super) fn progress_back(&self, goal: Goal, now: Timestamp) -> Option<Vec<Event>> {
        let Some((index, step)) = self.current_back_step(goal) else {
            let end = self.end_of_the_way_back(goal);
            return self.with_rehearsal_result(end, now);
        };
        match self.back[index].state {
            BackState::Waiting => self.start_back_step(index, step),
            BackState::Achieved { at } if is_verification(step) => self.verify_recovery(step, at, now),
            BackState::Achieved { .. } => Some(self.finish_back_step(index, step)),
            BackState::Running | BackState::Done | BackState::Skipped | BackState::Failed => None,
        }
    }

    fn start_back_step(&self, index: usize, step: &WayBackStep) -> Option<Vec<Event>> {
        if needs_approval(step) {
            if self.clock.bleeding_stopped.is_none() {
                // What was left out has to be done first, so that is where it is stuck.
                let skipped = |at: usize| self.back[at].state == BackState::Skipped;
                let mut before = self.back_order(Goal::Contain).filter(|(at, _)| skipped(*at));
                let left_out = before.next().map_or(step, |(_, left_out)| left_out);
                let reason = format!("the bleeding has not stopped, so {} must not run", step.id);
                return Some(vec![Event::Stuck { step: left_out.id.clone(), reason, offers: Vec::new() }]);
            }
            if !self.back[index].approved {
                return None;
            }
        }
        Some(vec![Event::BackStepStarted { step: step.id.clone() }])
    }

    fn finish_back_step(&self, index: usize, step: &WayBackStep) -> Vec<Event> {
        let mut events = vec![Event::BackStepDone { step: step.id.clone() }];
        let tried = |other: usize| self.back[other].is_over() || self.back[other].postponed;
        let others_tried = self.back_order(Goal::Contain).all(|(other, _)| other == index || tried(other));
        let bleeds = self.clock.bleeding_stopped.is_none();
        if step.stops_bleeding && bleeds && others_tried && self.candidate_share_in_force_is_zero(step) {
            events.push(Event::BleedingStopped);
        }
        events
    }

    /// The traffic step itself has just been read back; before it, what was read back last counts.
    fn candidate_share_in_force_is_zero(&self, step: &WayBackStep) -> bool {
        step.action == WayBackAction::TrafficToLastGood || self.is_withdrawn()
    }

    /// Whether the router, read back, sends nothing to the candidate. While it may have taken up something it was
    /// asked for since, nobody knows.
    pub(crate) fn is_withdrawn(&self) -> bool {
        let spared = |weights: &Weights| weights.share_of(&self.candidate().version).ppm() == 0;
        self.in_force == self.asked && self.in_force.as_ref().is_none_or(spared)
    }

    fn verify_recovery(
        &self,
        step: &WayBackStep,
        probed_at: Timestamp,
        now: Timestamp,
    ) -> Option<Vec<Event>> {
        let recovered_since =
            self.observations.control_within_limits_since().map_or(probed_at, |at| at.max(probed_at));
        let enough = now.since(recovered_since) >= self.blueprint.way_back.recovery;
        if !enough || !self.observations.control_is_within_limits() {
            let limit = self
                .blueprint
                .way_back
                .recovery
                .as_ms()
                .saturating_mul(RECOVERY_PATIENCE)
                .max(RECOVERY_PATIENCE_MIN_MS);
            if now.since(probed_at).as_ms() < limit {
                return None;
            }
            let reason = format!(
                "traffic is back on {}, but its signals have not recovered",
                self.last_good().version
            );
            return Some(vec![Event::Stuck { step: step.id.clone(), reason, offers: Vec::new() }]);
        }
        let silent = self.observations.silent_signals(&self.blueprint, recovered_since);
        Some(vec![Event::RecoveryVerified { silent }, Event::BackStepDone { step: step.id.clone() }])
    }

    pub(super) fn end_of_the_way_back(&self, goal: Goal) -> Event {
        let traffic_left_out = self
            .blueprint
            .way_back
            .steps
            .iter()
            .position(|step| step.action == WayBackAction::TrafficToLastGood)
            .filter(|index| self.back[*index].state == BackState::Skipped);
        if let Some(index) = traffic_left_out {
            let reason = format!(
                "the router has not been read back without {}; repair it and roll back again",
                self.candidate().version
            );
            return Event::Stuck {
                step: self.blueprint.way_back.steps[index].id.clone(),
                reason,
                offers: Vec::new(),
            };
        }
        match goal {
            Goal::Contain => Event::Contained,
            Goal::Rollback(_) => Event::RolledBack,
        }
    }

    /// Levels that still have a step to try when step `index` has failed.
    pub(crate) fn offers_after(&self, index: usize) -> Vec<Level> {
        let failed = &self.blueprint.way_back.steps[index];
        let untried = |level: Level| {
            self.blueprint.way_back.steps.iter().enumerate().any(|(other, step)| {
                other != index && step.level == level && !is_verification(step) && !self.back[other].is_over()
            })
        };
        let allowed = |level: Level| !level.needs_approval() || self.clock.bleeding_stopped.is_some();
        Level::ALL
            .into_iter()
            .filter(|level| *level >= failed.level && allowed(*level) && untried(*level))
            .collect()
    }
}
