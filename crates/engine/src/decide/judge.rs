//! Where the signals decide that a release goes back or is contained.

use ripcord_model::{Timestamp, blueprint::BlindAction};

use crate::{
    event::{Cause, Event, HoldCause},
    observations::LeadsTo,
    phase::{Phase, StageStep},
    release::Release,
    verdict::{Verdict, VerdictKind},
};

impl Release {
    pub(super) fn judge(&self, now: Timestamp) -> Option<Vec<Event>> {
        // A rehearsal decides by itself when to go back; see `rehearse.rs`.
        if !self.phase.is_exposed() || self.rehearsing.is_some() {
            return None;
        }
        if self.observations.candidate_is_dead() {
            return Some(self.go_back(Cause::CandidateDied));
        }
        if let Some(verdict) = self.due(LeadsTo::Rollback) {
            return Some(self.go_back(Cause::Verdict(verdict)));
        }
        if let Some(verdict) = self.due(LeadsTo::Contain) {
            return Some(vec![Event::ContainDecided { cause: Cause::Verdict(verdict) }]);
        }
        self.blind_deadline(now)
    }

    /// A last good that died serves errors to everybody who is not on the candidate, and the way back leads to it.
    pub(super) fn repair(&self) -> Option<Vec<Event>> {
        if !self.observations.last_good_is_dead() {
            return None;
        }
        let stage = match self.phase {
            Phase::Releasing { stage, step: StageStep::Applied | StageStep::Baking | StageStep::Ready } => {
                stage
            }
            Phase::Verifying => self.blueprint.last_stage(),
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Releasing {
                step: StageStep::Deploying | StageStep::Repairing | StageStep::Applying,
                ..
            }
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::GoingBack(_)
            | Phase::RolledBack
            | Phase::Stuck { .. } => return None,
        };
        Some(vec![Event::StageInterrupted { stage }])
    }

    fn go_back(&self, cause: Cause) -> Vec<Event> {
        vec![Event::RollbackDecided { cause, level: self.full_level() }]
    }

    fn blind_deadline(&self, now: Timestamp) -> Option<Vec<Event>> {
        let (cause, since) = self.holds.iter().find(|(cause, _)| matches!(cause, HoldCause::Blind { .. }))?;
        if now.since(*since) < self.blueprint.blind.deadline || self.blind_asked {
            return None;
        }
        let verdict = self.blind_verdict(cause);
        match self.blueprint.blind.then {
            BlindAction::Rollback => Some(self.go_back(Cause::Verdict(verdict))),
            BlindAction::Ask => Some(vec![Event::Judged { verdict }]),
        }
    }

    pub(crate) fn blind_verdict(&self, cause: &HoldCause) -> Verdict {
        Verdict {
            kind: VerdictKind::Blind,
            signal: None,
            rule: None,
            reason: format!(
                "{} for {}",
                super::holds::describe(cause),
                self.blueprint.blind.deadline.human()
            ),
            log_e: None,
            threshold: None,
            block: self.observations.last_seq().unwrap_or(0),
            harm_began: None,
            evidence: None,
        }
    }
}
