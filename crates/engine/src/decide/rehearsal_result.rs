//! What a rehearsal comes to: its times, what it cannot show, and why it has no confirmed time. It looks and concludes; when a
//! rehearsal ends is decided by `rehearse.rs`.

use ripcord_model::{ChangeClass, Duration, Timestamp};

use super::rehearse::INTERRUPTED;
use crate::{
    event::Cause,
    phase::Goal,
    rehearsal::{RehearsalResult, Rehearsing, SignalSaid, Trigger},
    release::{Release, needs_approval},
};

impl Release {
    /// What the rehearsal comes to as things stand.
    pub(super) fn rehearsal_result(&self, now: Timestamp) -> RehearsalResult {
        let environment = self.blueprint.production.name.clone();
        let of = self.blueprint.rehearsal.as_ref().expect("only a rehearsal is asked for its result");
        let rehearsing = self.rehearsing.as_ref().expect("a rehearsal has its own state");
        let mut result = RehearsalResult::blank(of, environment, now);
        result.before.clone_from(&rehearsing.before);
        result.after.clone_from(&rehearsing.after);
        let after = self.clock.decided.map(|at| self.signal_looks(at)).unwrap_or_default();
        result.signals = [rehearsing.signals_before.clone(), after];
        result.decided = self.clock.decided;
        result.bleeding_stopped = self.clock.bleeding_stopped;
        self.measure(&mut result, now);
        if let (Some(before), Some(after)) = (&result.before, &result.after) {
            result.differences = after.differences(before);
        }
        result.unproven = self.unproven(rehearsing);
        result.failed = self.why_not_confirmed(rehearsing, &result);
        result
    }

    /// Times, all taken on one steady clock.
    fn measure(&self, result: &mut RehearsalResult, now: Timestamp) {
        let Some(decided) = self.clock.decided else { return };
        let mut before = decided;
        let goal = Goal::Rollback(self.full_level());
        result.steps = self.back_order(goal).map(|(index, step)| self.rehearsed_step(index, step)).collect();
        for ((index, step), rehearsed) in self.back_order(goal).zip(&mut result.steps) {
            if let Some(started) = self.back[index].started {
                if needs_approval(step) {
                    rehearsed.waited = started.since(before);
                }
                before = before.max(self.back[index].ended.unwrap_or(started));
            }
        }
        result.took = self.clock.verified_recovered.unwrap_or(now).since(decided);
        let waited = result.steps.iter().map(|step| step.waited.as_ms()).sum();
        result.waited = Duration::from_ms(waited);
    }

    /// What a rehearsal like this one cannot show.
    fn unproven(&self, rehearsing: &Rehearsing) -> Vec<String> {
        let mut unproven = Vec::new();
        let is_stored = |class: ChangeClass| matches!(class, ChangeClass::Schema | ChangeClass::Data);
        if self.blueprint.changes.iter().any(|change| is_stored(change.class)) {
            unproven.push("schema and data: there is no database adapter yet".to_owned());
        }
        let silent = rehearsing.signals_before.iter().filter(|look| look.said == SignalSaid::Nothing);
        let silent: Vec<&str> = silent.map(|look| look.signal.as_str()).collect();
        if !silent.is_empty() {
            let environment = &self.blueprint.production.name;
            unproven.push(format!("{} said nothing in {environment}", silent.join(", ")));
        }
        if matches!(self.cause, Some(Cause::Rehearsal(Trigger::FaultUnseen))) {
            unproven.push("no signal showed the fault".to_owned());
        }
        unproven
    }

    fn why_not_confirmed(&self, rehearsing: &Rehearsing, result: &RehearsalResult) -> Option<String> {
        let (environment, candidate) = (&result.environment, &self.candidate().version);
        if rehearsing.interrupted {
            return Some(INTERRUPTED.to_owned());
        }
        match &self.cause {
            Some(Cause::Rehearsal(Trigger::Failed(reason))) => return Some(reason.clone()),
            Some(Cause::Person { by, why }) => return Some(format!("ended early by {by}: {why}")),
            Some(
                Cause::Rehearsal(
                    Trigger::Planned | Trigger::FaultSeen(_) | Trigger::FaultKilled | Trigger::FaultUnseen,
                )
                | Cause::Verdict(_)
                | Cause::Alert { .. }
                | Cause::CandidateDied
                | Cause::StageFailed { .. },
            )
            | None => {}
        }
        let skipped = result.steps.iter().find(|step| step.state == crate::status::BackStepState::Skipped);
        if let Some(step) = skipped {
            return Some(format!("step {} was left out", step.id));
        }
        if self.clock.verified_recovered.is_none() {
            return Some("recovery was not verified".to_owned());
        }
        let traffic = result.after.as_ref().and_then(|look| look.traffic.as_ref());
        if let Some(traffic) = traffic
            && !traffic.versions.is_empty()
            && !traffic.versions.contains_key(candidate)
        {
            return Some(format!("{candidate} answered nothing in {environment}, so nothing was withdrawn"));
        }
        if result.differences.is_empty() {
            return None;
        }
        let differences = result.differences.join("; ");
        Some(format!("{environment} did not return to its baseline: {differences}"))
    }
}
