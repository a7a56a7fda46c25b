//! What people are told, and when. A notice is one more effect; nothing waits for it.

use ripcord_model::Timestamp;

use crate::{
    effect::{Desired, Notice, NoticeKind},
    event::{Cause, Event},
    phase::{BackState, Phase},
    release::{Release, needs_approval},
    verdict::VerdictKind,
};

impl Release {
    /// The notice that an event deserves; the event has been folded in.
    pub(super) fn notice_about(&self, event: &Event) -> Option<Notice> {
        let release = &self.blueprint.release;
        let candidate = &self.candidate().version;
        let last_good = &self.last_good().version;
        let (kind, text) = match event {
            Event::GateBlocked { checks } => {
                let blocking = checks.iter().filter(|check| !check.status.opens()).count();
                (
                    NoticeKind::Attention,
                    format!("{release} is blocked at the gate by {blocking} of {} checks", checks.len()),
                )
            }
            Event::StageBaking { stage } => (
                NoticeKind::Progress,
                format!("{candidate} has {} of the traffic", self.blueprint.stages[*stage].share),
            ),
            Event::Verifying => {
                (NoticeKind::Progress, format!("{candidate} has all traffic; {last_good} is kept warm"))
            }
            Event::StageInterrupted { .. } => (
                NoticeKind::Attention,
                format!("{last_good} died and is being started again; {release} waits"),
            ),
            Event::Held { cause } => {
                (NoticeKind::Attention, format!("{release} holds: {}", super::holds::describe(cause)))
            }
            Event::Judged { verdict } if verdict.kind == VerdictKind::Blind => {
                (NoticeKind::Attention, format!("{release} needs a decision: {}", verdict.reason))
            }
            Event::ContainDecided { cause } => {
                (NoticeKind::RollingBack, format!("{release} is being contained: {}", cause_in_words(cause)))
            }
            Event::RollbackDecided { cause, .. } => {
                (NoticeKind::RollingBack, format!("going back to {last_good}: {}", cause_in_words(cause)))
            }
            Event::RolledBack => {
                let recovery = if self.clock.verified_recovered.is_some() {
                    "recovery has been verified"
                } else {
                    "recovery was not watched"
                };
                (NoticeKind::RolledBack, format!("back on {last_good}; {recovery}"))
            }
            Event::Stuck { step, reason, .. } => {
                (NoticeKind::Stuck, format!("the way back of {release} failed at {step}: {reason}"))
            }
            Event::Completed { .. } => {
                (NoticeKind::Complete, format!("{release} is complete; {candidate} is last good now"))
            }
            Event::Created { .. }
            | Event::Shipped
            | Event::StagingSkipped
            | Event::StagingPassed
            | Event::StagingFailed { .. }
            | Event::GateOpened { .. }
            | Event::Intended { .. }
            | Event::Repeated { .. }
            | Event::Achieved { .. }
            | Event::EffectFailed { .. }
            | Event::StageEntered { .. }
            | Event::StageReady { .. }
            | Event::Promoted { .. }
            | Event::HoldLifted { .. }
            | Event::Judged { .. }
            | Event::Contained
            | Event::BackStepStarted { .. }
            | Event::BackStepDone { .. }
            | Event::BackStepApproved { .. }
            | Event::BackStepPostponed { .. }
            | Event::BackStepSkipped { .. }
            | Event::BleedingStopped
            | Event::RecoveryVerified { .. }
            | Event::DespiteFreeze { .. }
            | Event::Acknowledged
            | Event::Cancelled { .. }
            | Event::RehearsalSettled
            | Event::RehearsalInterrupted
            | Event::Rehearsed { .. }
            | Event::SegmentClosed { .. }
            | Event::OfflineRollback { .. } => return None,
        };
        if self.blueprint.production.notify.is_empty() {
            return None;
        }
        Some(Notice { release: release.clone(), kind, text })
    }

    /// Asks for a person once per place where only a person can go on.
    pub(super) fn ask_for_person(&self, now: Timestamp) -> Option<Vec<Event>> {
        if self.asked_for_person || self.blueprint.production.notify.is_empty() {
            return None;
        }
        let release = &self.blueprint.release;
        let text = match &self.phase {
            Phase::Releasing { stage, .. }
                if self.needs_person_for_full_share()
                    && self.holds.is_empty()
                    && self.what_is_missing(*stage, now).is_empty() =>
            {
                format!("{release} is ready for 100%: ripcord promote {release} --why \"…\"")
            }
            Phase::Releasing { stage, .. }
                if self.holds.is_empty() && self.waits_for_evidence_only(*stage, now) =>
            {
                format!(
                    "{release} has not shown to be safe at {}: ripcord promote {release} --why \"…\"",
                    self.blueprint.stages[*stage].share
                )
            }
            Phase::Verifying
                if self.holds.is_empty()
                    && self.what_is_missing(self.blueprint.last_stage(), now).is_empty() =>
            {
                format!("{release} has passed its validation: ripcord complete {release} --why \"…\"")
            }
            Phase::GoingBack(goal) => {
                let (index, step) = self.current_back_step(*goal)?;
                let waits = self.back[index].state == BackState::Waiting && needs_approval(step);
                if !waits || self.back[index].approved {
                    return None;
                }
                format!("{} waits for approval: ripcord approve {release} {}", step.id, step.id)
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
            | Phase::Contained
            | Phase::RolledBack
            | Phase::Stuck { .. } => return None,
        };
        let notice = Notice { release: release.clone(), kind: NoticeKind::Attention, text };
        Some(vec![self.intent(Desired::Notice(notice))])
    }
}

/// A cause in words, for people.
pub(crate) fn cause_in_words(cause: &Cause) -> String {
    match cause {
        Cause::Person { by, why } => format!("{by}: {why}"),
        Cause::Verdict(verdict) => verdict.reason.clone(),
        Cause::Rehearsal(trigger) => trigger.in_words(),
        Cause::Alert { alert, since } => format!("the alert {alert} fires since {}", since.time_of_day()),
        Cause::CandidateDied => "no instance of the candidate runs any more".to_owned(),
        Cause::StageFailed { reason } => format!("a stage could not be brought about: {reason}"),
    }
}
