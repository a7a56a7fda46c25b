//! Promoting: a person agrees to go on.

use ripcord_model::{Actor, SignalName, Timestamp};

use super::{
    command::{needs_person, needs_reason},
    holds::describe,
};
use crate::{
    event::{Event, HoldCause},
    phase::{GatingStep, Phase},
    refusal::Refusal,
    release::Release,
    status::WaitingOn,
};

impl Release {
    pub(super) fn promote(&self, by: &Actor, why: &str, now: Timestamp) -> Result<Vec<Event>, Refusal> {
        needs_reason("promote", why)?;
        needs_person("promote", by)?;
        let promoted = || Event::Promoted { why: why.to_owned(), without: Vec::new() };
        match &self.phase {
            Phase::Gating(GatingStep::Blocked) | Phase::Contained => Ok(vec![promoted()]),
            Phase::Gating(_) | Phase::Releasing { .. } | Phase::Verifying if !self.holds.is_empty() => {
                self.lift_holds(why)
            }
            Phase::Releasing { stage, .. } if self.waits_for_evidence_only(*stage, now) => {
                Ok(self.go_on_without_evidence(*stage, why, now))
            }
            Phase::Releasing { .. } if self.promoted => Ok(Vec::new()),
            Phase::Releasing { stage, .. } if *stage == self.blueprint.last_stage() => {
                Err(self.wrong_phase("promote", "all traffic is being moved; wait for it, then complete it"))
            }
            Phase::Releasing { stage, .. } if stage + 1 == self.blueprint.last_stage() => {
                Ok(vec![promoted()])
            }
            // An agreement given hours ahead would be one to something nobody has seen yet.
            Phase::Releasing { stage, .. } => {
                let (place, stages) = (stage + 1, self.stages.len());
                let why = format!("stage {place} of {stages} ends by itself; a person agrees before 100%");
                Err(Refusal::TooEarly { why })
            }
            Phase::Verifying | Phase::Completing => {
                Err(self.wrong_phase("promote", "it has all traffic; complete it after validation"))
            }
            Phase::Planned => Err(self.wrong_phase("promote", "ship it first")),
            Phase::Staging(_) | Phase::Gating(_) => Err(self.wrong_phase("promote", "wait for the gate")),
            Phase::GoingBack(_) | Phase::Stuck { .. } => {
                Err(self.wrong_phase("promote", "it is on the way back"))
            }
            Phase::Complete | Phase::Cancelling | Phase::Cancelled | Phase::RolledBack => {
                Err(self.wrong_phase("promote", "it is over; ship a release with a new name"))
            }
        }
    }

    /// Whoever agrees to go on without evidence of safety agrees to the next stage as well.
    fn go_on_without_evidence(&self, stage: usize, why: &str, now: Timestamp) -> Vec<Event> {
        let promoted = |without| Event::Promoted { why: why.to_owned(), without };
        let signals = self.what_is_missing(stage, now).into_iter().filter_map(|waiting| {
            let WaitingOn::Evidence { signal, .. } = waiting.on else { return None };
            Some(signal)
        });
        let mut events = vec![promoted(signals.collect())];
        if stage + 1 == self.blueprint.last_stage() {
            events.push(promoted(Vec::new()));
        }
        events
    }

    /// A person's hold is theirs to lift, and what cannot be trusted is theirs to judge; what rules, silence and
    /// freezes hold stays held.
    fn lift_holds(&self, why: &str) -> Result<Vec<Event>, Refusal> {
        let (liftable, others): (Vec<&HoldCause>, Vec<&HoldCause>) =
            self.holds.keys().partition(|cause| is_liftable(cause));
        if liftable.is_empty() {
            let others: Vec<String> = others.into_iter().map(describe).collect();
            return Err(Refusal::Holding { why: others.join("; ") });
        }
        let without: Vec<SignalName> = liftable.iter().filter_map(|cause| distrusted(cause)).collect();
        let mut events = Vec::new();
        if !without.is_empty() {
            events.push(Event::Promoted { why: why.to_owned(), without });
        }
        events.extend(liftable.into_iter().map(|cause| Event::HoldLifted { cause: cause.clone() }));
        Ok(events)
    }
}

fn distrusted(cause: &HoldCause) -> Option<SignalName> {
    match cause {
        HoldCause::Distrusted { signal } => Some(signal.clone()),
        HoldCause::Person { .. }
        | HoldCause::Rule { .. }
        | HoldCause::Alert { .. }
        | HoldCause::Blind { .. }
        | HoldCause::Freeze { .. } => None,
    }
}

/// Whether a person may lift it.
pub(crate) fn is_liftable(cause: &HoldCause) -> bool {
    match cause {
        HoldCause::Person { .. } | HoldCause::Distrusted { .. } | HoldCause::Alert { .. } => true,
        HoldCause::Rule { .. } | HoldCause::Blind { .. } | HoldCause::Freeze { .. } => false,
    }
}
