//! What a release wants to be true right now: at most one desired state, derived from where it is.

use ripcord_model::blueprint::WayBackAction;

use crate::{
    effect::{Desired, Place, Weights},
    phase::{BackState, GatingStep, Goal, Phase, StageStep, StagingStep},
    release::Release,
};

impl Release {
    /// The desired state the release works towards; `None` while it waits for time, signals or people.
    pub(crate) fn wanted(&self) -> Option<Desired> {
        let candidate = self.candidate();
        match &self.phase {
            Phase::Staging(StagingStep::Deploy) => Some(workload(Place::Staging, &[candidate])),
            Phase::Staging(StagingStep::Probe) => {
                Some(Desired::Probe { place: Place::Staging, version: candidate.version.clone() })
            }
            Phase::Staging(StagingStep::TakeDown) | Phase::Cancelling => Some(workload(Place::Staging, &[])),
            Phase::Gating(GatingStep::Baseline | GatingStep::Clearing) => {
                Some(workload(Place::Production, &[self.last_good()]))
            }
            Phase::Gating(GatingStep::BaselineTraffic) => Some(self.traffic_to_last_good()),
            Phase::Gating(GatingStep::Checks) => Some(Desired::Gate),
            Phase::Gating(GatingStep::FlagsOff { next }) => self.rehearsed_flag(*next, false),
            Phase::Gating(GatingStep::Looking) => Some(Desired::Look { place: Place::Production }),
            Phase::Releasing { step: StageStep::Deploying | StageStep::Repairing, .. } => {
                Some(workload(Place::Production, &[candidate, self.last_good()]))
            }
            Phase::Releasing { stage, step: StageStep::Applying } => Some(self.traffic_of_stage(*stage)),
            Phase::Releasing { step: StageStep::Baking, .. } => self.wanted_of_rehearsal(),
            Phase::Completing => Some(workload(Place::Production, &[candidate])),
            Phase::GoingBack(goal) => self.wanted_on_the_way_back(*goal),
            Phase::Planned
            | Phase::Staging(StagingStep::Passed)
            | Phase::Gating(GatingStep::Settling | GatingStep::Blocked | GatingStep::Open)
            | Phase::Releasing { step: StageStep::Applied | StageStep::Ready, .. }
            | Phase::Verifying
            | Phase::Complete
            | Phase::Cancelled
            | Phase::Contained
            | Phase::RolledBack
            | Phase::Stuck { .. } => None,
        }
    }

    fn wanted_on_the_way_back(&self, goal: Goal) -> Option<Desired> {
        let Some((index, step)) = self.current_back_step(goal) else {
            let looks = self.rehearsing.as_ref().is_some_and(|rehearsing| rehearsing.still_looks());
            return looks.then_some(Desired::Look { place: Place::Production });
        };
        if self.back[index].state != BackState::Running {
            return None;
        }
        let last_good = self.last_good();
        Some(match &step.action {
            WayBackAction::FlagOff { flag } => {
                Desired::Flag { place: Place::Production, flag: flag.clone(), on: false }
            }
            WayBackAction::TrafficToLastGood => self.traffic_to_last_good(),
            WayBackAction::WithdrawCandidate => workload(Place::Production, &[last_good]),
            WayBackAction::UndoMigration { change } => Desired::UndoMigration { change: change.clone() },
            WayBackAction::RestoreData { change } => Desired::RestoreData { change: change.clone() },
            WayBackAction::VerifyRecovery => {
                Desired::Probe { place: Place::Production, version: last_good.version.clone() }
            }
        })
    }

    fn traffic_to_last_good(&self) -> Desired {
        Desired::Traffic { place: Place::Production, weights: Weights::all_to(&self.last_good().version) }
    }

    fn traffic_of_stage(&self, stage: usize) -> Desired {
        let share = self.blueprint.stages[stage].share;
        let weights = Weights::split(&self.candidate().version, share, &self.last_good().version);
        Desired::Traffic { place: Place::Production, weights }
    }
}

fn workload(place: Place, running: &[&ripcord_model::blueprint::Artifact]) -> Desired {
    let mut wanted: Vec<ripcord_model::blueprint::Artifact> = Vec::with_capacity(running.len());
    for artifact in running {
        // The same version as candidate and last good is one workload, not two.
        if !wanted.iter().any(|known| known.version == artifact.version) {
            wanted.push((*artifact).clone());
        }
    }
    Desired::Workload { place, running: wanted }
}
