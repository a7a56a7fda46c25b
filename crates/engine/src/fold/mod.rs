//! How facts change a release. Every event has exactly one place here; nothing else mutates a release but
//! [`Release::observe`]. Applying never refuses: what is recorded has happened.

mod achieved;
mod back;
mod rehearsal;

use ripcord_model::{SignalName, Timestamp};

use crate::{
    effect::{Desired, Generation, Place},
    event::{Event, HoldCause},
    phase::{BackState, GatingStep, Goal, Phase, StageStep, StagingStep},
    release::Release,
    verdict::VerdictKind,
};

impl Release {
    /// Folds one recorded event into the state. `at` is the instant of its entry.
    pub fn apply(&mut self, event: &Event, at: Timestamp) {
        self.latest = self.latest.max(at);
        match event {
            Event::Created { .. } | Event::SegmentClosed { .. } => {}
            Event::Judged { verdict } => {
                if verdict.kind == VerdictKind::Blind {
                    self.blind_asked = true;
                }
            }
            Event::Shipped => self.fold_shipped(at),
            Event::StagingSkipped | Event::StagingPassed => {
                self.enter(Phase::Gating(GatingStep::Baseline), at);
            }
            Event::StagingFailed { reason } => {
                self.staging_failure = Some(reason.clone());
                self.enter(Phase::Planned, at);
            }
            Event::GateOpened { checks } => {
                self.gate.clone_from(checks);
                self.enter(Phase::Gating(GatingStep::Open), at);
            }
            Event::GateBlocked { checks } => {
                self.gate.clone_from(checks);
                self.enter(Phase::Gating(GatingStep::Blocked), at);
            }
            Event::Intended { effect } => self.fold_intended(effect),
            Event::Repeated { generation, attempt } => self.underway.repeat(*generation, *attempt),
            Event::Achieved { generation, read_back } => self.fold_achieved(*generation, read_back, at),
            Event::EffectFailed { generation, retry_at, .. } => match retry_at {
                Some(retry_at) => self.underway.postpone(*generation, *retry_at),
                None => self.underway.end(*generation),
            },
            Event::StageEntered { stage } => self.fold_stage_entered(*stage, at),
            Event::StageBaking { stage } => {
                self.stages[*stage].baking_since = Some(at);
                self.enter(Phase::Releasing { stage: *stage, step: StageStep::Baking }, at);
            }
            Event::StageInterrupted { stage } => {
                self.observations.forget_last_good();
                self.underway.drop_main();
                self.enter(Phase::Releasing { stage: *stage, step: StageStep::Repairing }, at);
            }
            Event::StageReady { stage } => {
                self.enter(Phase::Releasing { stage: *stage, step: StageStep::Ready }, at);
            }
            Event::Verifying => {
                let stage = self.blueprint.last_stage();
                self.stages[stage].baking_since = Some(at);
                self.enter(Phase::Verifying, at);
            }
            Event::Promoted { without, .. } => self.fold_promoted(without, at),
            Event::Held { cause } => {
                self.holds.entry(cause.clone()).or_insert(at);
                if matches!(cause, HoldCause::Person { .. }) {
                    // Whoever agreed to go on before has to agree again.
                    self.promoted = false;
                }
            }
            Event::HoldLifted { cause } => {
                self.holds.remove(cause);
                self.asked_for_person = false;
                if matches!(cause, HoldCause::Blind { .. }) {
                    self.blind_asked = false;
                }
            }
            Event::ContainDecided { cause } => self.fold_decided(cause, Goal::Contain, at),
            Event::Contained => self.enter(Phase::Contained, at),
            Event::RollbackDecided { cause, level } => self.fold_decided(cause, Goal::Rollback(*level), at),
            Event::BackStepStarted { step } => self.fold_step_started(step, at),
            Event::BackStepDone { step } => self.fold_step_over(step, BackState::Done, at),
            Event::BackStepApproved { step } => self.with_step(step, |record| record.approved = true),
            Event::BackStepPostponed { step, .. } => self.with_step(step, |record| {
                record.state = BackState::Waiting;
                record.postponed = true;
            }),
            Event::BackStepSkipped { step, .. } => self.fold_step_over(step, BackState::Skipped, at),
            Event::BleedingStopped => {
                self.clock.bleeding_stopped.get_or_insert(at);
            }
            Event::RecoveryVerified { .. } => self.clock.verified_recovered = Some(at),
            Event::RolledBack => {
                self.clock.all_clear = Some(at);
                self.enter(Phase::RolledBack, at);
            }
            Event::Stuck { step, reason, .. } => self.fold_stuck(step, reason, at),
            Event::OfflineRollback { journal } => self.fold_offline(journal, at),
            Event::DespiteFreeze { until, .. } => {
                // An exception that somebody granted is not shortened by another.
                self.despite_freeze = self.despite_freeze.max(Some(*until));
            }
            Event::Acknowledged => self.fold_acknowledged(at),
            Event::RehearsalSettled => self.enter(Phase::Gating(GatingStep::Looking), at),
            Event::RehearsalInterrupted => self.fold_rehearsal_interrupted(),
            Event::Rehearsed { result } => self.fold_rehearsed(result),
            Event::Completed { .. } => self.enter(Phase::Completing, at),
            Event::Cancelled { .. } => self.fold_cancelled(at),
        }
    }

    pub(crate) fn enter(&mut self, phase: Phase, at: Timestamp) {
        self.phase = phase;
        self.since = at;
        self.asked_for_person = false;
    }

    fn fold_shipped(&mut self, at: Timestamp) {
        self.staging_failure = None;
        if self.blueprint.staging.is_some() {
            self.enter(Phase::Staging(StagingStep::Deploy), at);
        }
    }

    fn fold_cancelled(&mut self, at: Timestamp) {
        self.underway.drop_main();
        self.holds.clear();
        let runs_in_staging = matches!(self.phase, Phase::Staging(_)) || self.staging_failure.is_some();
        self.enter(if runs_in_staging { Phase::Cancelling } else { Phase::Cancelled }, at);
    }

    /// An acknowledgement belongs to the incident only if there is one.
    fn fold_acknowledged(&mut self, at: Timestamp) {
        self.on_call_there = Some(at);
        if self.clock.decided.is_some() {
            self.clock.acknowledged.get_or_insert(at);
        }
    }

    fn fold_promoted(&mut self, without: &[SignalName], at: Timestamp) {
        self.overruled.extend(without.iter().cloned());
        match self.phase {
            Phase::Gating(GatingStep::Blocked) => self.enter(Phase::Gating(GatingStep::Baseline), at),
            // Leaving containment is forward motion like the first: the gate is asked again, then the first stage.
            Phase::Contained => {
                self.cause = None;
                self.promoted = false;
                self.overruled.clear();
                self.clock = crate::status::IncidentClock::default();
                self.back.fill(crate::phase::BackRecord::NEW);
                self.observations.restart(&self.blueprint);
                self.holds.retain(|cause, _| !matches!(cause, HoldCause::Person { .. }));
                self.enter(Phase::Gating(GatingStep::Baseline), at);
            }
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Releasing { .. }
            | Phase::Verifying
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::GoingBack(_)
            | Phase::RolledBack
            // Going on without a signal's evidence is no agreement to more traffic.
            | Phase::Stuck { .. } => self.promoted |= without.is_empty(),
        }
    }

    fn fold_stage_entered(&mut self, stage: usize, at: Timestamp) {
        self.touched_production = true;
        if let Some(previous) = stage.checked_sub(1) {
            self.stages[previous].ended = Some(at);
        } else {
            self.stages.fill(crate::phase::StageRecord::default());
            if self.rehearsing.is_some() {
                // What was seen of last good alone is no evidence about the candidate.
                self.observations.restart(&self.blueprint);
            }
        }
        // An agreement is to one stage; whoever agreed has not seen the next.
        self.promoted = false;
        self.overruled.clear();
        let step = if stage == 0 { StageStep::Deploying } else { StageStep::Applying };
        self.enter(Phase::Releasing { stage, step }, at);
    }

    fn fold_intended(&mut self, effect: &crate::effect::Effect) {
        self.next_generation = self.next_generation.max(effect.generation.0 + 1);
        match &effect.desired {
            Desired::Traffic { place: Place::Production, weights } => self.asked = Some(weights.clone()),
            Desired::Notice(notice) => {
                if notice.kind == crate::effect::NoticeKind::Attention {
                    self.asked_for_person = true;
                }
            }
            Desired::Traffic { place: Place::Staging, .. }
            | Desired::Workload { .. }
            | Desired::Flag { .. }
            | Desired::Gate
            | Desired::Look { .. }
            | Desired::Fault { .. }
            | Desired::Probe { .. }
            | Desired::UndoMigration { .. }
            | Desired::RestoreData { .. } => {}
        }
        self.underway.intend(effect.clone());
    }

    fn fold_achieved(&mut self, generation: Generation, read_back: &crate::input::ReadBack, at: Timestamp) {
        let Some(desired) = self.underway.find(generation).map(|pending| pending.effect.desired.clone())
        else {
            return;
        };
        self.underway.end(generation);
        self.move_on_after(&desired, read_back, at);
    }
}
