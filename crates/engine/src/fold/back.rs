//! The facts of going back.

use ripcord_model::Timestamp;

use crate::{
    effect::Weights,
    event::{Cause, HoldCause},
    phase::{BackState, Goal, Phase},
    release::Release,
};

impl Release {
    pub(super) fn fold_step_started(&mut self, step: &str, at: Timestamp) {
        self.clock.first_action.get_or_insert(at);
        self.with_step(step, |record| {
            record.state = BackState::Running;
            record.started = Some(at);
        });
    }

    pub(super) fn fold_step_over(&mut self, step: &str, state: BackState, at: Timestamp) {
        self.with_step(step, |record| {
            record.state = state;
            record.ended = Some(at);
        });
    }

    pub(super) fn fold_decided(&mut self, cause: &Cause, goal: Goal, at: Timestamp) {
        let noticed = self.held_since(|hold| match hold {
            HoldCause::Rule { .. } | HoldCause::Blind { .. } => true,
            HoldCause::Person { .. } | HoldCause::Freeze { .. } => false,
        });
        let detected = noticed.unwrap_or(at);
        let harm_began = match cause {
            Cause::Verdict(verdict) => verdict.harm_began,
            Cause::Person { .. } | Cause::CandidateDied | Cause::StageFailed { .. } => None,
        };
        self.clock.harm_began.get_or_insert(harm_began.unwrap_or(detected).min(detected));
        self.clock.detected.get_or_insert(detected);
        self.clock.decided.get_or_insert(at);
        self.clock.acknowledged =
            self.clock.acknowledged.or(self.on_call_there.filter(|there| *there >= detected));
        self.cause.get_or_insert_with(|| cause.clone());
        for record in &mut self.back {
            match record.state {
                BackState::Failed | BackState::Running | BackState::Achieved { .. } => {
                    record.state = BackState::Waiting
                }
                BackState::Waiting | BackState::Done | BackState::Skipped => {}
            }
        }
        self.underway.drop_main();
        self.holds.clear();
        self.enter(Phase::GoingBack(goal), at);
    }

    pub(super) fn fold_stuck(&mut self, step: &str, reason: &str, at: Timestamp) {
        let goal = match self.phase {
            Phase::GoingBack(goal) | Phase::Stuck { goal, .. } => goal,
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
            | Phase::RolledBack => Goal::Rollback(self.full_level()),
        };
        self.with_step(step, |record| {
            record.state = BackState::Failed;
            record.ended = Some(at);
        });
        self.underway.drop_main();
        let step = self.back_index(step).unwrap_or(0);
        self.enter(Phase::Stuck { goal, step, reason: reason.to_owned() }, at);
    }

    /// The journal has executed the whole way back; the record follows what is already so.
    pub(super) fn fold_offline(&mut self, at: Timestamp) {
        self.underway.drop_main();
        self.holds.clear();
        self.clock.decided.get_or_insert(at);
        self.asked = Some(Weights::all_to(&self.last_good().version));
        self.in_force = self.asked.clone();
        for record in &mut self.back {
            record.state = BackState::Done;
            record.ended.get_or_insert(at);
        }
    }

    pub(super) fn with_step(&mut self, id: &str, change: impl FnOnce(&mut crate::phase::BackRecord)) {
        if let Some(index) = self.back_index(id) {
            change(&mut self.back[index]);
        }
    }
}
