//! What the end of an effect means: in force, to be tried again, or failed for good.

use ripcord_model::{Duration, Timestamp, VersionName};

use crate::{
    effect::{Desired, Generation, Place},
    event::{Cause, Event},
    input::{CheckResult, CheckStatus, Outcome, ReadBack},
    pending::{Pending, backoff},
    phase::Phase,
    refusal::Refusal,
    release::{Release, is_verification},
};

/// Attempts of an effect that moves forward.
const FORWARD_ATTEMPTS_MAX: u32 = 5;
/// Attempts of an effect on the way back: a person is woken when they are used up.
const BACK_ATTEMPTS_MAX: u32 = 10;
/// Attempts before a step that stops the bleeding lets another one try.
const GIVING_WAY_ATTEMPTS_MAX: u32 = 2;
/// Attempts of the probe that verifies recovery: it may take a while.
const RECOVERY_ATTEMPTS_MAX: u32 = 40;

impl Release {
    pub(super) fn on_outcome(
        &self,
        generation: Generation,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let pending =
            self.underway.find(generation).ok_or(Refusal::NoSuchEffect { generation: generation.0 })?;
        match outcome {
            Outcome::Done(read_back) => Ok(self.on_done(pending, read_back, now)),
            Outcome::Failed { reason, transient } => Ok(self.on_failure(pending, reason, *transient, now)),
            Outcome::Superseded => {
                let reason = "a newer generation is in force: something else steers this environment";
                Ok(self.on_failure(pending, reason, false, now))
            }
        }
    }

    fn on_done(&self, pending: &Pending, read_back: &ReadBack, now: Timestamp) -> Vec<Event> {
        if let Some(reason) =
            contradiction(&pending.effect.desired, read_back, self.only_absent(&pending.effect.desired))
        {
            return self.on_failure(pending, &reason, true, now);
        }
        let generation = pending.effect.generation;
        let achieved = Event::Achieved { generation, read_back: read_back.clone() };
        match (&pending.effect.desired, read_back) {
            (Desired::Gate, ReadBack::Gate(checks)) => {
                let checks = checks.clone();
                let open = !checks.is_empty() && checks.iter().all(|check| check.status.opens());
                let answer = if open { Event::GateOpened { checks } } else { Event::GateBlocked { checks } };
                vec![Event::Achieved { generation, read_back: ReadBack::Nothing }, answer]
            }
            (_, _) => vec![achieved],
        }
    }

    fn on_failure(&self, pending: &Pending, reason: &str, transient: bool, now: Timestamp) -> Vec<Event> {
        let generation = pending.effect.generation;
        let attempt = pending.effect.attempt;
        let failed = |retry_at| Event::EffectFailed { generation, reason: reason.to_owned(), retry_at };
        if matches!(pending.effect.desired, Desired::Notice(_)) {
            return vec![failed(None)];
        }
        if matches!(self.phase, Phase::Completing | Phase::Cancelling) {
            // Nothing is at stake any more but a version that still runs: keep trying.
            return vec![failed(Some(now.plus(Duration::from_secs(30))))];
        }
        if transient && attempt < self.attempts_max() && pending.effect.desired.may_be_repeated() {
            return vec![failed(Some(now.plus(backoff(attempt))))];
        }
        let mut events = vec![failed(None)];
        match self.rehearsal_failed(reason, now) {
            Some(of_rehearsal) => events.extend(of_rehearsal),
            None => events.extend(self.after_final_failure(reason)),
        }
        events
    }

    /// In staging, what the users of a rehearsal were left on runs on; the next rehearsal moves them before it is taken
    /// away.
    fn only_absent(&self, desired: &Desired) -> Option<&VersionName> {
        let in_staging = matches!(desired, Desired::Workload { place: Place::Staging, .. });
        let takes_over =
            self.rehearsing.is_some() && self.phase == Phase::Gating(crate::phase::GatingStep::Baseline);
        (in_staging || takes_over).then_some(&self.candidate().version)
    }

    fn attempts_max(&self) -> u32 {
        match &self.phase {
            Phase::GoingBack(goal) => match self.current_back_step(*goal) {
                Some((_, step)) if is_verification(step) => RECOVERY_ATTEMPTS_MAX,
                Some((index, _)) if self.can_give_way(index) => GIVING_WAY_ATTEMPTS_MAX,
                Some(_) | None => BACK_ATTEMPTS_MAX,
            },
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
            | Phase::Stuck { .. } => FORWARD_ATTEMPTS_MAX,
        }
    }

    fn after_final_failure(&self, reason: &str) -> Option<Event> {
        match &self.phase {
            Phase::Staging(_) => Some(Event::StagingFailed { reason: reason.to_owned() }),
            Phase::Gating(_) => Some(Event::GateBlocked { checks: vec![self.blocked_by_failure(reason)] }),
            Phase::Releasing { .. } => Some(Event::RollbackDecided {
                cause: Cause::StageFailed { reason: reason.to_owned() },
                level: self.full_level(),
            }),
            Phase::GoingBack(goal) => {
                let (index, step) = self.current_back_step(*goal)?;
                if self.can_give_way(index) {
                    return Some(Event::BackStepPostponed {
                        step: step.id.clone(),
                        reason: reason.to_owned(),
                    });
                }
                let offers = self.offers_after(index);
                Some(Event::Stuck { step: step.id.clone(), reason: reason.to_owned(), offers })
            }
            Phase::Planned
            | Phase::Verifying
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::RolledBack
            | Phase::Stuck { .. } => None,
        }
    }

    fn blocked_by_failure(&self, reason: &str) -> CheckResult {
        CheckResult {
            check: "baseline".to_owned(),
            status: CheckStatus::Fail,
            reason: reason.to_owned(),
            fix: format!(
                "bring {} up in production, then ask again: ripcord ship {}",
                self.last_good().version,
                self.blueprint.release
            ),
            owner: self.blueprint.owner.to_string(),
        }
    }
}

/// Why what was read back is not what was asked for.
/// Where `only_absent` is given, any other version may run on.
fn contradiction(
    desired: &Desired,
    read_back: &ReadBack,
    only_absent: Option<&VersionName>,
) -> Option<String> {
    match (desired, read_back) {
        (Desired::Traffic { weights, .. }, ReadBack::Traffic(in_force)) if weights != in_force => {
            Some(format!("the router was asked for {weights} and read back {in_force}"))
        }
        (Desired::Traffic { .. }, ReadBack::Traffic(_)) => None,
        (Desired::Flag { flag, on, .. }, ReadBack::Flag { on: found }) if on != found => {
            Some(format!("flag {flag} reads back {}", if *found { "on" } else { "off" }))
        }
        (Desired::Flag { .. }, ReadBack::Flag { .. }) => None,
        (Desired::Traffic { .. }, _) => Some("the router's split was not read back".to_owned()),
        (Desired::Flag { flag, .. }, _) => Some(format!("flag {flag} was not read back")),
        (Desired::Workload { running, .. }, ReadBack::Workload(instances)) => {
            let may_run = |version: &VersionName| only_absent.is_some_and(|absent| absent != version);
            let missing = running
                .iter()
                .find(|artifact| !instances.iter().any(|instance| instance.version == artifact.version))
                .map(|artifact| format!("no instance of {} runs", artifact.version));
            let stray = instances
                .iter()
                .filter(|instance| !may_run(&instance.version))
                .find(|instance| !running.iter().any(|artifact| artifact.version == instance.version))
                .map(|instance| format!("{} still runs at {}", instance.version, instance.address));
            missing.or(stray)
        }
        (Desired::Workload { .. }, _) => Some("the running instances were not read back".to_owned()),
        (Desired::Gate, ReadBack::Gate(_)) => None,
        (Desired::Look { .. }, ReadBack::Look(_)) => None,
        (Desired::Look { .. }, _) => Some("what is in force was not read back".to_owned()),
        (Desired::Gate, _) => Some("the gate's checks were not answered".to_owned()),
        (
            Desired::Probe { .. }
            | Desired::Fault { .. }
            | Desired::UndoMigration { .. }
            | Desired::RestoreData { .. }
            | Desired::Notice(_),
            _,
        ) => None,
    }
}
