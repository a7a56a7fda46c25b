//! What an effect that is in force means for the place the release is in.

use ripcord_model::Timestamp;

use crate::{
    effect::{Desired, Place},
    input::ReadBack,
    phase::{BackState, GatingStep, Phase, StageStep, StagingStep},
    release::Release,
};

impl Release {
    pub(super) fn move_on_after(&mut self, desired: &Desired, read_back: &ReadBack, at: Timestamp) {
        if let (Desired::Traffic { place: Place::Production, .. }, ReadBack::Traffic(weights)) =
            (desired, read_back)
        {
            self.in_force = Some(weights.clone());
        }
        if matches!(desired, Desired::Notice(_)) || self.fold_rehearsal_achieved(desired, read_back, at) {
            return;
        }
        // The main effect under way is always the one the phase wants, so its end is the phase's next step.
        match self.phase.clone() {
            Phase::Staging(step) => {
                let next = match step {
                    StagingStep::Deploy => StagingStep::Probe,
                    StagingStep::Probe => StagingStep::TakeDown,
                    StagingStep::TakeDown | StagingStep::Passed => StagingStep::Passed,
                };
                self.phase = Phase::Staging(next);
            }
            Phase::Gating(step) => {
                let next = match step {
                    GatingStep::Baseline => GatingStep::BaselineTraffic,
                    GatingStep::BaselineTraffic if self.rehearsing.is_some() => GatingStep::Clearing,
                    GatingStep::Clearing => self.after_flags_off(0, at),
                    GatingStep::BaselineTraffic => GatingStep::Checks,
                    GatingStep::FlagsOff { next } => self.after_flags_off(next + 1, at),
                    // The answers are judged by the events that follow.
                    GatingStep::Checks
                    | GatingStep::Settling
                    | GatingStep::Looking
                    | GatingStep::Blocked
                    | GatingStep::Open => step,
                };
                self.phase = Phase::Gating(next);
            }
            Phase::Releasing { stage, step } => {
                let next = match step {
                    StageStep::Deploying | StageStep::Repairing => StageStep::Applying,
                    StageStep::Applying => StageStep::Applied,
                    StageStep::Applied | StageStep::Baking | StageStep::Ready => step,
                };
                self.phase = Phase::Releasing { stage, step: next };
            }
            Phase::Completing => self.enter(Phase::Complete, at),
            Phase::Cancelling => self.enter(Phase::Cancelled, at),
            Phase::GoingBack(goal) => {
                let current = self.current_back_step(goal).map(|(index, _)| index);
                if let Some(record) = current.map(|index| &mut self.back[index])
                    && record.state == BackState::Running
                {
                    record.state = BackState::Achieved { at };
                }
            }
            Phase::Planned
            | Phase::Verifying
            | Phase::Complete
            | Phase::Cancelled
            | Phase::Contained
            | Phase::RolledBack
            | Phase::Stuck { .. } => {}
        }
    }
}
