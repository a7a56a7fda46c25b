//! Checks of one rule on its signal, wherever the rule is written: in `ripcord.yaml`, or as a threshold of a plan.

mod baseline_not_remembered;
mod dead_limit;
mod no_margin;
mod rule_does_not_fit;
mod too_short_for_interval;

use super::Report;
use crate::{PlanFile, ServiceFile, blueprint::Rule, service::SignalEntry, source::Spanned};

/// A check of one rule.
type RuleCheck = fn(&ServiceFile, &SignalEntry, &Spanned<Rule>, &mut Report<'_>);

const CHECKS: &[RuleCheck] = &[
    rule_does_not_fit::check,
    dead_limit::check,
    too_short_for_interval::check,
    no_margin::check,
    baseline_not_remembered::check,
];

/// Every rule of `ripcord.yaml`.
pub(super) fn of_service(service: &ServiceFile, report: &mut Report<'_>) {
    for signal in &service.signals {
        for rule in signal.rules() {
            CHECKS.iter().for_each(|check| check(service, signal, rule, report));
        }
    }
}

/// Every rule that a plan adds; those on signals that do not exist are reported elsewhere.
pub(super) fn of_plan(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    for threshold in plan.thresholds() {
        let named = service.signals.iter().find(|signal| signal.name.value == threshold.signal.value);
        let Some(signal) = named else { continue };
        for rule in &threshold.rules {
            CHECKS.iter().for_each(|check| check(service, signal, rule, report));
        }
    }
}
