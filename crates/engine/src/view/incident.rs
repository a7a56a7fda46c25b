//! What there is to say about an incident to those who are told about it.

use ripcord_model::{Level, Timestamp};

use crate::{
    decide::cause_in_words,
    event::Cause,
    phase::{Goal, Phase},
    release::Release,
};

/// An incident of a release: from the decision to go back or to contain until it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentNow {
    /// When it was decided.
    pub decided: Timestamp,
    /// Why, in words.
    pub reason: String,
    /// Who decided: a person, or `ripcord`.
    pub by: String,
    /// How deep the way back goes; absent while it is only contained.
    pub level: Option<Level>,
    /// Since when it is where it is.
    pub since: Timestamp,
    /// Where the way back failed and why, while it is stuck.
    pub stuck: Option<String>,
}

impl Release {
    /// The incident that is under way or that ended the release; `None` when there is none, or when it was left behind.
    pub fn incident(&self) -> Option<IncidentNow> {
        let decided = self.clock.decided?;
        let by = match &self.cause {
            Some(Cause::Person { by, .. }) => by.to_string(),
            Some(
                Cause::Verdict(_)
                | Cause::Alert { .. }
                | Cause::CandidateDied
                | Cause::Rehearsal(_)
                | Cause::StageFailed { .. },
            )
            | None => "ripcord".to_owned(),
        };
        let reason = self.cause.as_ref().map_or_else(|| "rolled back offline".to_owned(), cause_in_words);
        let (level, stuck) = match &self.phase {
            Phase::GoingBack(Goal::Rollback(level)) => (Some(*level), None),
            Phase::Stuck { goal: Goal::Rollback(level), reason, .. } => (Some(*level), Some(reason.clone())),
            Phase::Stuck { goal: Goal::Contain, reason, .. } => (None, Some(reason.clone())),
            Phase::RolledBack => (Some(self.full_level()), None),
            Phase::GoingBack(Goal::Contain)
            | Phase::Contained
            | Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Releasing { .. }
            | Phase::Verifying
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled => (None, None),
        };
        Some(IncidentNow { decided, reason, by, level, since: self.since, stuck })
    }

    /// When the first user got the candidate.
    pub fn out_since(&self) -> Option<Timestamp> {
        self.stages.first().and_then(|first| first.baking_since)
    }
}
