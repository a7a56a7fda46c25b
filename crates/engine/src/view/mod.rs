//! The answer to "where is it, why is nothing happening, what would change that?".

mod incident;
mod next;
mod rehearsal;
mod signals;
mod waiting;

pub use incident::IncidentNow;
use ripcord_model::{Share, Timestamp};

use crate::{
    phase::{BackState, Goal, Phase, StageStep},
    release::{Release, needs_approval},
    status::{BackStepState, BackStepStatus, PhaseName, StageState, StageStatus, Status},
};

impl Release {
    /// Everything there is to say about the release at `now`.
    pub fn status(&self, now: Timestamp) -> Status {
        Status {
            release: self.blueprint.release.clone(),
            service: self.blueprint.service.clone(),
            candidate: self.candidate().version.clone(),
            last_good: self.blueprint.last_good.as_ref().map(|artifact| artifact.version.clone()),
            blueprint: self.hash.short().to_owned(),
            phase: self.phase(),
            headline: self.headline(),
            share: self.candidate_share(),
            since: self.since,
            now,
            stages: (0..self.stages.len()).map(|stage| self.stage_status(stage, now)).collect(),
            waiting: self.waiting(now),
            signals: self.signal_statuses(now),
            evidence: self.evidence_statuses(),
            back: self.back_statuses(),
            cause: self.cause.clone(),
            clock: self.clock,
            gate: self.gate.clone(),
            next: self.next_commands(now),
            rehearsal: self.rehearsal_status(),
            confirmed: None,
            warnings: Vec::new(),
            despite_freeze: self.despite_freeze(now).filter(|_| !self.is_over()),
            postmortems: Vec::new(),
        }
    }

    fn candidate_share(&self) -> Share {
        self.asked.as_ref().map_or(Share::ZERO, |weights| weights.share_of(&self.candidate().version))
    }

    fn stage_status(&self, stage: usize, now: Timestamp) -> StageStatus {
        let (plan, record) = (&self.blueprint.stages[stage], &self.stages[stage]);
        let current = self.stage();
        let state = match (&self.phase, current) {
            (Phase::Releasing { stage: at, step }, _) if *at == stage => match step {
                StageStep::Deploying | StageStep::Repairing | StageStep::Applying | StageStep::Applied => {
                    StageState::Applying
                }
                StageStep::Baking => StageState::Baking,
                StageStep::Ready => StageState::Ready,
            },
            (Phase::Verifying, Some(at)) if at == stage => StageState::Baking,
            (Phase::Complete | Phase::Completing, _) => StageState::Done,
            (_, Some(at)) if stage < at => StageState::Done,
            (_, _) if record.ended.is_some() => StageState::Done,
            (_, _) => StageState::Waiting,
        };
        let until = record.ended.unwrap_or(if current.is_some() { now } else { self.since });
        StageStatus {
            share: plan.share,
            state,
            baking_since: record.baking_since,
            dwell_ms: plan.dwell.as_ms(),
            elapsed_ms: record.baking_since.map_or(0, |since| until.since(since).as_ms()),
            requests: record.requests,
            min_requests: plan.min_requests,
        }
    }

    fn back_statuses(&self) -> Vec<BackStepStatus> {
        let goal = match &self.phase {
            Phase::GoingBack(goal) | Phase::Stuck { goal, .. } => *goal,
            Phase::Contained => Goal::Contain,
            Phase::RolledBack => Goal::Rollback(self.full_level()),
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Releasing { .. }
            | Phase::Verifying
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled => return Vec::new(),
        };
        let bleeding_stopped = self.clock.bleeding_stopped.is_some();
        self.back_order(goal)
            .map(|(index, step)| {
                let record = &self.back[index];
                let state = match record.state {
                    BackState::Waiting if needs_approval(step) && !record.approved && bleeding_stopped => {
                        BackStepState::Approval
                    }
                    BackState::Waiting => BackStepState::Waiting,
                    BackState::Running | BackState::Achieved { .. } => BackStepState::Running,
                    BackState::Done => BackStepState::Done,
                    BackState::Skipped => BackStepState::Skipped,
                    BackState::Failed => BackStepState::Failed,
                };
                BackStepStatus {
                    id: step.id.clone(),
                    level: step.level,
                    state,
                    started: record.started,
                    ended: record.ended,
                    budget_ms: step.budget.as_ms(),
                }
            })
            .collect()
    }

    fn headline(&self) -> String {
        if let Some(headline) = self.rehearsal_headline() {
            return headline;
        }
        let candidate = &self.candidate().version;
        let last_good = &self.last_good().version;
        match &self.phase {
            Phase::Planned => match &self.staging_failure {
                Some(reason) => format!("Planned; staging failed: {reason}"),
                None => format!("Planned: {candidate} waits to be shipped"),
            },
            Phase::Staging(_) => format!("{candidate} is being tried in staging"),
            Phase::Gating(crate::phase::GatingStep::Blocked) => {
                let blocking = self.gate.iter().filter(|check| !check.status.opens()).count();
                format!("Blocked at the gate: {blocking} of {} checks", self.gate.len())
            }
            Phase::Gating(_) => format!("{candidate} is at the gate"),
            Phase::Releasing { stage, step } => self.releasing_headline(*stage, *step),
            Phase::Verifying => {
                format!("{candidate} has all traffic and is being validated; {last_good} is kept warm")
            }
            Phase::Completing => format!("{candidate} is good; {last_good} is being taken down"),
            Phase::Complete => format!("Complete: {candidate} serves all traffic"),
            Phase::Cancelling => format!("Cancelled; {candidate} is being taken down in staging"),
            Phase::Cancelled => format!("Cancelled: {candidate} never reached a user"),
            Phase::Contained => format!("Contained: no traffic reaches {candidate}; a person decides"),
            Phase::GoingBack(goal) => self.back_headline(*goal),
            Phase::RolledBack if self.clock.verified_recovered.is_none() => {
                format!("Rolled back: {last_good} serves all traffic; its recovery was not watched")
            }
            Phase::RolledBack => format!("Rolled back: {last_good} serves all traffic and has recovered"),
            Phase::Stuck { step, reason, .. } => {
                format!("Stuck on the way back at {}: {reason}", self.blueprint.way_back.steps[*step].id)
            }
        }
    }

    fn releasing_headline(&self, stage: usize, step: StageStep) -> String {
        let candidate = &self.candidate().version;
        let share = self.blueprint.stages[stage].share;
        let place = format!("stage {} of {}", stage + 1, self.stages.len());
        if !self.holds.is_empty() {
            return format!("Held at {}: {candidate}, {place}", self.candidate_share());
        }
        match step {
            StageStep::Deploying => format!("{candidate} is being started in production"),
            StageStep::Repairing => {
                format!("{} died and is being started again, {place}", self.last_good().version)
            }
            StageStep::Applying | StageStep::Applied => format!("{candidate} is going to {share}, {place}"),
            StageStep::Baking => format!("{candidate} has {share} of the traffic, {place}"),
            StageStep::Ready => format!("{candidate} has passed {share}, {place}"),
        }
    }

    fn back_headline(&self, goal: Goal) -> String {
        let word = match goal {
            Goal::Contain => format!("Stopping the bleeding of {}", self.candidate().version),
            Goal::Rollback(_) => format!("Going back to {}", self.last_good().version),
        };
        let withdrawn = if self.clock.bleeding_stopped.is_some() {
            format!(": traffic is off {}", self.candidate().version)
        } else {
            String::new()
        };
        let order: Vec<_> = self.back_order(goal).collect();
        let current = order.iter().position(|(index, _)| !self.back[*index].is_over());
        match current {
            Some(position) => format!(
                "{word}{withdrawn}, {} (step {} of {})",
                order[position].1.id,
                position + 1,
                order.len()
            ),
            None => format!("{word}{withdrawn}"),
        }
    }

    /// Whether the release is over.
    pub fn is_over(&self) -> bool {
        PhaseName::is_final(self.phase())
    }
}
