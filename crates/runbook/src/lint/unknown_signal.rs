//! A trigger or check on a signal that nobody measures never says anything.

use ripcord_model::{ServiceFile, diagnostic::Code, lint::Report, source::Spanned};

use crate::{Runbook, SignalCondition, StepKind};

pub(super) fn check(runbook: &Runbook, service: Option<&ServiceFile>, report: &mut Report<'_>) {
    let Some(service) = service else { return };
    for condition in conditions(runbook) {
        let signal = &condition.value.signal;
        if service.signals.iter().any(|known| known.name.value == *signal) {
            continue;
        }
        let known: Vec<&str> = service.signals.iter().map(|signal| signal.name.as_str()).collect();
        let expected = match known.as_slice() {
            [] => format!("a signal of {}, which has none", service.path),
            known => format!("a signal of {}: {}", service.path, known.join(", ")),
        };
        let message = format!("there is no signal `{signal}`");
        report.error(Code::UNKNOWN_SIGNAL, condition.place, message, expected);
    }
}

fn conditions(runbook: &Runbook) -> impl Iterator<Item = &Spanned<SignalCondition>> {
    let checks = runbook.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Check(condition) => Some(condition),
        StepKind::Run(_)
        | StepKind::Manual { .. }
        | StepKind::Flag { .. }
        | StepKind::Traffic
        | StepKind::Deploy
        | StepKind::Migrate { .. }
        | StepKind::Restore { .. }
        | StepKind::Template(_) => None,
    });
    runbook.trigger.iter().chain(checks)
}
