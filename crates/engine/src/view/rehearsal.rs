//! What there is to say about a rehearsal that is not said of every release.

use ripcord_model::blueprint::WayBackStep;

use crate::{
    phase::{BackState, GatingStep, Phase, StageStep},
    rehearsal::RehearsedStep,
    release::Release,
    status::{BackStepState, RehearsalStatus},
};

impl Release {
    pub(super) fn rehearsal_status(&self) -> Option<Box<RehearsalStatus>> {
        let of = self.blueprint.rehearsal.as_ref()?;
        Some(Box::new(RehearsalStatus {
            of: of.release.clone(),
            environment: self.blueprint.production.name.clone(),
            result: self.rehearsed().cloned(),
        }))
    }

    /// How one step of the way back went so far; what it waited for is not known here.
    pub(crate) fn rehearsed_step(&self, index: usize, step: &WayBackStep) -> RehearsedStep {
        let record = &self.back[index];
        let state = match record.state {
            BackState::Waiting => BackStepState::Waiting,
            BackState::Running | BackState::Achieved { .. } => BackStepState::Running,
            BackState::Done => BackStepState::Done,
            BackState::Skipped => BackStepState::Skipped,
            BackState::Failed => BackStepState::Failed,
        };
        let took = record.started.zip(record.ended).map(|(started, ended)| ended.since(started));
        RehearsedStep {
            id: step.id.clone(),
            level: step.level,
            state,
            took: took.unwrap_or(ripcord_model::Duration::ZERO),
            waited: ripcord_model::Duration::ZERO,
            budget: step.budget,
        }
    }

    pub(super) fn rehearsal_headline(&self) -> Option<String> {
        let of = self.blueprint.rehearsal.as_ref()?;
        let environment = &self.blueprint.production.name;
        let (candidate, last_good) = (&self.candidate().version, &self.last_good().version);
        let rehearsal = format!("Rehearsal of {} in {environment}", of.release);
        if let Some(result) = self.rehearsed() {
            return Some(match &result.failed {
                Some(reason) => format!("{rehearsal} failed: {reason}"),
                None => format!("{rehearsal}: confirmed {}", result.took.human()),
            });
        }
        let now = match &self.phase {
            Phase::Planned | Phase::Staging(_) => "is about to begin".to_owned(),
            Phase::Gating(GatingStep::Settling | GatingStep::Looking) => format!("watches {last_good}"),
            Phase::Gating(_) => format!("brings up {last_good}"),
            Phase::Releasing { step: StageStep::Baking, .. } => format!("{candidate} has traffic"),
            Phase::Releasing { .. } => format!("brings up {candidate}"),
            Phase::GoingBack(goal) => match self.current_back_step(*goal) {
                Some((_, step)) => format!("goes back: {}", step.id),
                None => "compares with what was before".to_owned(),
            },
            Phase::Verifying
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::RolledBack
            | Phase::Stuck { .. } => return None,
        };
        Some(format!("{rehearsal}: {now}"))
    }
}
