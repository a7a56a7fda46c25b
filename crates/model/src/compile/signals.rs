//! What is measured: the service's signals, with the rules of this release added.

use crate::{
    PlanFile, ServiceFile,
    blueprint::{Rule, Signal},
    service::SignalEntry,
    source::Spanned,
};

/// The signals of a release, in the order of `ripcord.yaml`.
pub(super) fn compile(service: &ServiceFile, plan: &PlanFile) -> Vec<Signal> {
    service.signals.iter().map(|entry| compile_signal(entry, plan)).collect()
}

fn compile_signal(entry: &SignalEntry, plan: &PlanFile) -> Signal {
    let mut rollback = values(&entry.rollback);
    for threshold in plan.thresholds() {
        if threshold.signal.value == entry.name.value {
            let added = values(&threshold.rules)
                .into_iter()
                .filter(|rule| !rollback.contains(rule))
                .collect::<Vec<_>>();
            rollback.extend(added);
        }
    }
    Signal { rollback, contain: values(&entry.contain), hold: values(&entry.hold), ..entry.without_rules() }
}

fn values(rules: &[Spanned<Rule>]) -> Vec<Rule> {
    rules.iter().map(|rule| rule.value.clone()).collect()
}
