//! With one instance of each version, nothing can tell a slow host from a slow version.

use crate::{
    ServiceFile,
    blueprint::{Rule, WorkloadBinding},
    diagnostic::Code,
    lint::Report,
    service::SignalEntry,
};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    let Some(production) = service.production() else { return };
    let WorkloadBinding::Process(process) = &production.workload else { return };
    let mut rules = service.signals.iter().flat_map(SignalEntry::rules);
    let Some(rule) = rules.find(|rule| compares(rule)).filter(|_| process.instances == 1) else { return };
    let place = service.places.get(&production.name).map_or(service.service.place, |places| places.workload);
    let message =
        format!("`{}` weighs one process of each version: a slow host looks like a slow version", rule.value);
    let expected = "`instances: 2` or more, so that last good can be compared with itself";
    report.warning(Code::NO_GUARD, place, message, expected);
}

/// Whether the rule weighs the candidate's instances against others.
fn compares(rule: &Rule) -> bool {
    match rule {
        Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } => true,
        Rule::Over { .. } | Rule::Threshold(_) => false,
    }
}
