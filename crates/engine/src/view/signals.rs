//! What the signals, their rules and the evidence say.

use ripcord_model::{
    Duration, Timestamp,
    blueprint::{Measure, Rule, Signal},
};

use crate::{
    block::Arms,
    evidence::{EvidenceStatus, RuleDetail},
    observations::{Evidence, LeadsTo, RuleState, SignalState},
    release::Release,
    status::{RuleStatus, SignalStatus},
};

impl Release {
    pub(super) fn signal_statuses(&self, now: Timestamp) -> Vec<SignalStatus> {
        let blind = self.blind_signals(now);
        let left = self.observations.warm_up_left(&self.blueprint, now);
        let signals = self.blueprint.signals.iter().zip(self.observations.signals());
        signals
            .map(|(signal, state)| {
                let Arms { canary, control } = state.values;
                SignalStatus {
                    name: signal.name.clone(),
                    harm: signal.harm,
                    canary,
                    control,
                    is_ratio: matches!(signal.measure, Measure::Ratio { .. } | Measure::Success { .. }),
                    last_data: state.last_data,
                    blind: blind.contains(&signal.name),
                    unusable: state.unusable.map(|why| why.to_string()),
                    baseline: state.baseline,
                    rules: rule_statuses(signal, state, left),
                }
            })
            .collect()
    }

    pub(super) fn evidence_statuses(&self) -> Vec<EvidenceStatus> {
        let groups = [LeadsTo::Rollback, LeadsTo::Contain].map(|leads_to| self.observations.group(leads_to));
        let spoken = groups.into_iter().filter(|group| !group.is_empty());
        spoken
            .map(|group| EvidenceStatus {
                leads_to: group.leads_to().word().to_owned(),
                log_e: Some(group.log_e()).filter(|log_e| log_e.is_finite()),
                threshold: group.threshold(),
            })
            .collect()
    }
}

fn rule_statuses(signal: &Signal, state: &SignalState, left: Duration) -> Vec<RuleStatus> {
    let kinds = [
        ("rollback", &signal.rollback, &state.rollback),
        ("contain", &signal.contain, &state.contain),
        ("hold", &signal.hold, &state.hold),
    ];
    let mut statuses = Vec::new();
    for (leads_to, rules, states) in kinds {
        for (rule, state_of_rule) in rules.iter().zip(states) {
            let silent = state_of_rule.silence(rule, state.baseline, left);
            statuses.push(rule_status(leads_to, rule, state_of_rule, silent, left));
        }
    }
    statuses
}

fn rule_status(
    leads_to: &str,
    rule: &Rule,
    state: &RuleState,
    silent: Option<String>,
    left: Duration,
) -> RuleStatus {
    let evidence = state.evidence();
    let violated = state.is_violated();
    RuleStatus {
        rule: rule.to_string(),
        leads_to: leads_to.to_owned(),
        violated,
        since: if violated { state.since() } else { None },
        log_e: evidence.map(Evidence::log_e),
        threshold: evidence.map(Evidence::bar),
        detail: detail(evidence, silent, left).map(Box::new),
    }
}

/// `None` for a threshold that says something.
fn detail(evidence: Option<&Evidence>, silent: Option<String>, left: Duration) -> Option<RuleDetail> {
    let Some(evidence) = evidence else {
        return silent.map(|why| RuleDetail { silent: Some(why), ..RuleDetail::default() });
    };
    let (safety, guard) = (evidence.safety_log_e(), evidence.guard_log_e());
    let Arms { canary, control } = evidence.totals();
    Some(RuleDetail {
        test: evidence.test().map(|(name, _)| name.to_owned()),
        silent,
        safety_log_e: safety,
        safety_threshold: safety.map(|_| evidence.safety_bar()),
        guard_log_e: guard,
        guard_threshold: guard.map(|_| evidence.guard_bar()),
        distrusted: evidence.is_distrusted(),
        dispersion: evidence.dispersion(),
        canary,
        control,
        effect: evidence.effect(),
        warm_up_left_ms: left.as_ms(),
    })
}
