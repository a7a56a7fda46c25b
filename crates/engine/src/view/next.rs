//! What a person might type next.

use ripcord_model::Timestamp;

use crate::{
    decide::is_liftable,
    phase::{GatingStep, Phase},
    release::Release,
    status::WaitingOn,
};

impl Release {
    pub(super) fn next_commands(&self, now: Timestamp) -> Vec<String> {
        let release = &self.blueprint.release;
        let with_reason = |verb: &str| format!("ripcord {verb} {release} --why \"…\"");
        let mut next: Vec<String> = self
            .waiting(now)
            .into_iter()
            .filter_map(|waiting| match waiting.on {
                WaitingOn::Person { command, .. } => Some(command),
                WaitingOn::Hold { .. }
                | WaitingOn::Record
                | WaitingOn::Tick
                | WaitingOn::Effect
                | WaitingOn::Retry { .. }
                | WaitingOn::Dwell { .. }
                | WaitingOn::Exposure { .. }
                | WaitingOn::Signal { .. }
                | WaitingOn::Evidence { .. }
                | WaitingOn::Gate { .. }
                | WaitingOn::Recovery { .. } => None,
            })
            .collect();
        match &self.phase {
            Phase::Gating(GatingStep::Blocked) => next.push(format!("ripcord gate {release}")),
            Phase::Releasing { .. } | Phase::Verifying => {
                let waits_for_evidence = self.holds.is_empty()
                    && self.stage().is_some_and(|stage| self.waits_for_evidence_only(stage, now));
                if waits_for_evidence || self.holds.keys().any(is_liftable) {
                    next.push(with_reason("promote"));
                }
                // It stops the bleeding and leaves code alone, so it is thought of first.
                if self.rehearsing.is_none() {
                    next.push(with_reason("contain"));
                }
                next.push(with_reason("rollback"));
            }
            Phase::Contained => next.push(with_reason("promote")),
            Phase::Stuck { step, .. } => {
                if self.rehearsing.is_none() && self.may_be_contained_on_the_way_back().is_ok() {
                    next.push(with_reason("contain"));
                }
                next.extend(
                    self.offers_after(*step)
                        .iter()
                        .map(|level| format!("ripcord rollback {release} --level {level} --why \"…\"")),
                );
            }
            Phase::RolledBack | Phase::Complete => {
                next.push(format!("ripcord audit show --release {release}"))
            }
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Completing
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::GoingBack(_) => {}
        }
        next
    }
}
