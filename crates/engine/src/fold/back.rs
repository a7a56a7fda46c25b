//! The facts of going back.

use std::sync::Arc;

use ripcord_model::{Timestamp, blueprint::WayBackAction};
use serde_json::Value;

use crate::{
    effect::Weights,
    event::{Cause, HoldCause},
    phase::{BackState, Goal, Phase},
    rehearsal::Trigger,
    release::{Release, is_verification},
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
            HoldCause::Rule { .. }
            | HoldCause::Distrusted { .. }
            | HoldCause::Alert { .. }
            | HoldCause::Blind { .. } => true,
            HoldCause::Person { .. } | HoldCause::Freeze { .. } => false,
        });
        let detected = noticed.unwrap_or(at);
        let harm_began = match cause {
            Cause::Verdict(verdict) => verdict.harm_began,
            Cause::Rehearsal(Trigger::FaultSeen(verdict)) => verdict.harm_began,
            Cause::Alert { since, .. } => Some(*since),
            Cause::Person { .. }
            | Cause::CandidateDied
            | Cause::Rehearsal(
                Trigger::Planned | Trigger::FaultKilled | Trigger::FaultUnseen | Trigger::Failed(_),
            )
            | Cause::StageFailed { .. } => None,
        };
        self.clock.harm_began.get_or_insert(harm_began.unwrap_or(detected).min(detected));
        self.clock.detected.get_or_insert(detected);
        self.clock.decided.get_or_insert(at);
        self.clock.acknowledged =
            self.clock.acknowledged.or(self.on_call_there.filter(|there| *there >= detected));
        self.cause.get_or_insert_with(|| cause.clone());
        let goes_on = self.step_that_goes_on(goal);
        for index in 0..self.back.len() {
            let seen_before = is_verification(&self.blueprint.way_back.steps[index]);
            let record = &mut self.back[index];
            match record.state {
                BackState::Running if goes_on == Some(index) => {}
                BackState::Failed | BackState::Running | BackState::Achieved { .. } => {
                    record.state = BackState::Waiting
                }
                // Recovery that was seen before something else was done again proves nothing.
                BackState::Done if seen_before => record.state = BackState::Waiting,
                BackState::Waiting | BackState::Done | BackState::Skipped => {}
            }
        }
        if goes_on.is_none() {
            self.underway.drop_main();
        }
        self.clock.verified_recovered = None;
        self.holds.clear();
        self.blind_asked = false;
        self.enter(Phase::GoingBack(goal), at);
    }

    /// Going back deeper than before does not begin the step anew that is under way: one that must not be repeated
    /// would run twice.
    fn step_that_goes_on(&self, goal: Goal) -> Option<usize> {
        let Phase::GoingBack(before) = self.phase else {
            return None;
        };
        let (current, _) = self.current_back_step(before)?;
        let (next, _) = self.current_back_step(goal)?;
        (current == next).then_some(current)
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
            // An approval is for one execution; whoever approves again knows that this one failed.
            record.approved = false;
        });
        self.underway.drop_main();
        let step = self.back_index(step).unwrap_or(0);
        self.enter(Phase::Stuck { goal, step, reason: reason.to_owned() }, at);
    }

    /// The journal has executed the way back, or the part of it that it calls done; the record follows.
    pub(super) fn fold_offline(&mut self, journal: &[Value], at: Timestamp) {
        self.underway.drop_main();
        self.holds.clear();
        self.clock.decided.get_or_insert(at);
        let used = journal.iter().filter_map(|line| line.get("generation")?.as_u64()).max();
        self.next_generation = self.next_generation.max(used.map_or(0, |used| used.saturating_add(1)));
        let steps = Arc::clone(&self.blueprint);
        for (step, record) in steps.way_back.steps.iter().zip(&mut self.back) {
            if offline_did(journal, &step.id) {
                record.state = BackState::Done;
                record.ended.get_or_insert(at);
            }
        }
        let traffic_is_back =
            steps.way_back.steps.iter().any(|step| {
                step.action == WayBackAction::TrafficToLastGood && offline_did(journal, &step.id)
            });
        if traffic_is_back {
            self.asked = Some(Weights::all_to(&self.last_good().version));
            self.in_force = self.asked.clone();
        }
        let stopped = self.back_order(Goal::Contain).all(|(index, _)| self.back[index].is_over());
        if traffic_is_back && stopped {
            self.clock.first_action.get_or_insert(at);
            self.clock.bleeding_stopped.get_or_insert(at);
        }
    }

    pub(super) fn with_step(&mut self, id: &str, change: impl FnOnce(&mut crate::phase::BackRecord)) {
        if let Some(index) = self.back_index(id) {
            change(&mut self.back[index]);
        }
    }
}

/// Whether a journal says that a step was done: by itself, or because all of them were.
fn offline_did(journal: &[Value], step: &str) -> bool {
    let says = |line: &Value, field: &str, text: &str| line.get(field).and_then(Value::as_str) == Some(text);
    journal.iter().any(|line| {
        let all = says(line, "event", "ended") && says(line, "outcome", "rolled-back");
        let this = says(line, "event", "step-ended") && says(line, "outcome", "done");
        all || this && says(line, "step", step)
    })
}
