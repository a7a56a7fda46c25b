//! What Alertmanager says, where a rule of the service gives it weight. An alert that began before the release was out is
//! no evidence against it.

use ripcord_model::{Actor, Timestamp};

use crate::{
    event::{Cause, Event, HoldCause},
    input::AlertThen,
    phase::Phase,
    refusal::Refusal,
    release::Release,
};

impl Release {
    pub(super) fn on_alert(
        &self,
        by: &Actor,
        alert: &str,
        since: Timestamp,
        then: AlertThen,
    ) -> Result<Vec<Event>, Refusal> {
        if *by != Actor::ripcord() {
            return Err(Refusal::OnlyRipcord { command: "an alert".to_owned(), by: by.to_string() });
        }
        let held = self
            .holds
            .keys()
            .find(|cause| matches!(cause, HoldCause::Alert { alert: held, .. } if held == alert));
        if then == AlertThen::Lift {
            return Ok(held.map(|cause| Event::HoldLifted { cause: cause.clone() }).into_iter().collect());
        }
        self.is_about_this_release(since)?;
        let alert = alert.to_owned();
        match then {
            AlertThen::Lift => Ok(Vec::new()),
            AlertThen::Hold if held.is_some() => Ok(Vec::new()),
            AlertThen::Hold => Ok(vec![Event::Held { cause: HoldCause::Alert { alert, since } }]),
            AlertThen::Rollback => {
                let cause = Cause::Alert { alert, since };
                Ok(vec![Event::RollbackDecided { cause, level: self.full_level() }])
            }
        }
    }

    /// Whether users had the candidate when something began.
    fn is_about_this_release(&self, since: Timestamp) -> Result<(), Refusal> {
        let out_since = match self.phase {
            Phase::Releasing { .. } | Phase::Verifying => {
                self.stages.first().and_then(|first| first.baking_since)
            }
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::GoingBack(_)
            | Phase::RolledBack
            | Phase::Stuck { .. } => None,
        };
        match out_since {
            Some(out_since) if since >= out_since => Ok(()),
            Some(_) => Err(self.wrong_phase("an alert", "the alert began before any user had the candidate")),
            None => Err(self.wrong_phase("an alert", "no user has the candidate")),
        }
    }
}
