//! A rule on a signal that does not exist never fires.

use crate::{PlanFile, ServiceFile, SignalName, diagnostic::Code, lint::Report, plan::Back, source::Spanned};

pub(super) fn check(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    for back in plan.changes.iter().filter_map(|change| change.back.as_ref()) {
        for name in named(back) {
            if service.signals.iter().any(|signal| signal.name.value == name.value) {
                continue;
            }
            let known: Vec<&str> = service.signals.iter().map(|signal| signal.name.as_str()).collect();
            let expected = if known.is_empty() {
                format!("a signal of {}, which has none", service.path)
            } else {
                format!("a signal of {}: {}", service.path, known.join(", "))
            };
            report.error(
                Code::UNKNOWN_SIGNAL,
                name.place,
                format!("there is no signal `{}`", name.value),
                expected,
            );
        }
    }
}

fn named(back: &Back) -> impl Iterator<Item = &Spanned<SignalName>> {
    back.signals.iter().chain(back.thresholds.iter().map(|threshold| &threshold.signal))
}
