//! Where the signals decide that a release goes back or is contained.

use ripcord_model::{
    Timestamp,
    blueprint::{BlindAction, Measure, Rule, Signal},
};

use crate::{
    event::{Cause, Event, HoldCause, Verdict, VerdictKind},
    observations::{Evidence, RuleState, SignalState},
    phase::{Phase, StageStep},
    release::Release,
};

/// Blocks in a row without any running instance of a version that count as its death.
const DEAD_BLOCKS: u32 = 3;

impl Release {
    pub(super) fn judge(&self, now: Timestamp) -> Option<Vec<Event>> {
        if !self.phase.is_exposed() {
            return None;
        }
        if self.observations.dead_blocks() >= DEAD_BLOCKS {
            return Some(self.go_back(Cause::CandidateDied));
        }
        if let Some(verdict) = self.first_verdict(VerdictKind::Rollback) {
            return Some(self.go_back(Cause::Verdict(verdict)));
        }
        if let Some(verdict) = self.first_verdict(VerdictKind::Contain) {
            return Some(vec![Event::ContainDecided { cause: Cause::Verdict(verdict) }]);
        }
        self.blind_deadline(now)
    }

    /// A last good that died serves errors to everybody who is not on the candidate, and the way back leads to it.
    pub(super) fn repair(&self) -> Option<Vec<Event>> {
        if self.observations.last_good_dead_blocks() < DEAD_BLOCKS {
            return None;
        }
        let stage = match self.phase {
            Phase::Releasing { stage, step: StageStep::Applied | StageStep::Baking | StageStep::Ready } => {
                stage
            }
            Phase::Verifying => self.blueprint.last_stage(),
            Phase::Planned
            | Phase::Staging(_)
            | Phase::Gating(_)
            | Phase::Releasing {
                step: StageStep::Deploying | StageStep::Repairing | StageStep::Applying,
                ..
            }
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::GoingBack(_)
            | Phase::RolledBack
            | Phase::Stuck { .. } => return None,
        };
        Some(vec![Event::StageInterrupted { stage }])
    }

    fn go_back(&self, cause: Cause) -> Vec<Event> {
        vec![Event::RollbackDecided { cause, level: self.full_level() }]
    }

    fn first_verdict(&self, kind: VerdictKind) -> Option<Verdict> {
        self.blueprint.signals.iter().zip(self.observations.signals()).find_map(|(signal, state)| {
            let (rules, states): (&[Rule], &[RuleState]) = match kind {
                VerdictKind::Rollback => (&signal.rollback, &state.rollback),
                VerdictKind::Contain => (&signal.contain, &state.contain),
                VerdictKind::Hold => (&signal.hold, &state.hold),
                VerdictKind::Advance | VerdictKind::Blind => return None,
            };
            let (rule, rule_state) = rules.iter().zip(states).find(|(_, state)| state.fires())?;
            Some(self.verdict(kind, signal, state, rule, rule_state))
        })
    }

    fn verdict(
        &self,
        kind: VerdictKind,
        signal: &Signal,
        state: &SignalState,
        rule: &Rule,
        rule_state: &RuleState,
    ) -> Verdict {
        let evidence = rule_state.evidence();
        Verdict {
            kind,
            signal: Some(signal.name.clone()),
            rule: Some(rule.to_string()),
            reason: format!("{} {}", words(&signal.name), self.comparison(signal, state, rule_state)),
            log_e: evidence.map(Evidence::log_e),
            threshold: evidence.map(Evidence::bar),
            block: self.observations.last_seq().unwrap_or(0),
            harm_began: rule_state.since(),
        }
    }

    /// `3.1 % on v2 against 0.9 % on v1 (41 of 1,322 against 402 of 44,700)`.
    fn comparison(&self, signal: &Signal, state: &SignalState, rule: &RuleState) -> String {
        let (candidate, last_good) = (&self.candidate().version, &self.last_good().version);
        if let Some(totals) = rule.evidence().map(Evidence::totals) {
            return format!(
                "{} on {candidate} against {} on {last_good} ({} of {} against {} of {})",
                percent(totals.canary.rate()),
                percent(totals.control.rate()),
                thousands(totals.canary.bad),
                thousands(totals.canary.n),
                thousands(totals.control.bad),
                thousands(totals.control.n),
            );
        }
        match &signal.measure {
            Measure::Ratio { .. } | Measure::Success { .. } => format!(
                "{} on {candidate} against {} on {last_good} ({} of {} against {} of {})",
                percent(state.values.canary),
                percent(state.values.control),
                thousands(state.sums.canary.bad as u64),
                thousands(state.sums.canary.n as u64),
                thousands(state.sums.control.bad as u64),
                thousands(state.sums.control.n as u64),
            ),
            Measure::Quantile { .. } | Measure::Count { .. } | Measure::Gauge { .. } => format!(
                "{} on {candidate} against {} on {last_good}",
                number(state.values.canary),
                number(state.values.control),
            ),
        }
    }

    fn blind_deadline(&self, now: Timestamp) -> Option<Vec<Event>> {
        let (cause, since) = self.holds.iter().find(|(cause, _)| matches!(cause, HoldCause::Blind { .. }))?;
        if now.since(*since) < self.blueprint.blind.deadline || self.blind_asked {
            return None;
        }
        let verdict = Verdict {
            kind: VerdictKind::Blind,
            signal: None,
            rule: None,
            reason: format!(
                "{} for {}",
                super::command::describe(cause),
                self.blueprint.blind.deadline.human()
            ),
            log_e: None,
            threshold: None,
            block: self.observations.last_seq().unwrap_or(0),
            harm_began: None,
        };
        match self.blueprint.blind.then {
            BlindAction::Rollback => Some(self.go_back(Cause::Verdict(verdict))),
            BlindAction::Ask => Some(vec![Event::Judged { verdict }]),
        }
    }
}

fn words(name: &ripcord_model::SignalName) -> String {
    name.as_str().replace('-', " ")
}

fn percent(fraction: Option<f64>) -> String {
    fraction.map_or_else(|| "no data".to_owned(), |fraction| format!("{:.1} %", fraction * 100.0))
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "no data".to_owned(),
        Some(value) if value.abs() >= 100.0 => format!("{value:.0}"),
        Some(value) => format!("{value:.3}"),
    }
}

/// `44,700`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
