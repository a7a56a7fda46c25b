//! A threshold of a plan must fit its signal as the rules of `ripcord.yaml` must.

use crate::{
    PlanFile, ServiceFile,
    diagnostic::Code,
    lint::{Report, service::misfit},
};

pub(super) fn check(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let backs = plan.changes.iter().filter_map(|change| change.back.as_ref());
    for threshold in backs.flat_map(|back| &back.thresholds) {
        let Some(signal) = service.signals.iter().find(|signal| signal.name.value == threshold.signal.value)
        else {
            continue;
        };
        for rule in &threshold.rules {
            if let Some((why, expected)) = misfit(&signal.measure, rule) {
                let message = format!("`{}` does not fit `{}`: {why}", rule.value, signal.name.value);
                report.error(Code::RULE_DOES_NOT_FIT, rule.place, message, expected);
            }
        }
    }
}
