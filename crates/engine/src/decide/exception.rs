//! Exceptions: a hotfix goes on although a freeze is in force, because somebody who may approve said so.

use ripcord_model::{Actor, Timestamp};

use super::command::{needs_person, needs_reason};
use crate::{event::Event, phase::Phase, refusal::Refusal, release::Release};

impl Release {
    pub(super) fn go_on_despite_freeze(
        &self,
        by: &Actor,
        why: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        needs_reason("an exception from freezes", why)?;
        needs_person("an exception from freezes", by)?;
        if self.blueprint.hotfix.is_none() {
            return Err(Refusal::NoHotfix);
        }
        let (name, who) = (by.to_string(), self.who_could_approve());
        if self.is_owner(by) {
            return Err(Refusal::OwnApproval { by: name, who });
        }
        if !self.blueprint.is_reviewer(&by.name) {
            return Err(Refusal::NotAnApprover { by: name, who });
        }
        if until <= now {
            return Err(Refusal::Expired { until, now });
        }
        match &self.phase {
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Releasing { .. }
            | Phase::Verifying
            | Phase::Contained => {
                let news = self.despite_freeze < Some(until);
                let event = Event::DespiteFreeze { why: why.to_owned(), until };
                Ok(if news { vec![event] } else { Vec::new() })
            }
            Phase::GoingBack(_) | Phase::Stuck { .. } => {
                Err(self.wrong_phase("an exception from freezes", "no freeze holds the way back"))
            }
            Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::RolledBack => Err(self.wrong_phase("an exception from freezes", "it is over")),
        }
    }
}
