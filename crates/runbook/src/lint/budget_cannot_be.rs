//! A step that has failed cannot still be within its budget.

use ripcord_model::{Duration, ServiceFile, diagnostic::Code, lint::Report};

use crate::Runbook;

pub(super) fn check(runbook: &Runbook, _service: Option<&ServiceFile>, report: &mut Report<'_>) {
    for step in &runbook.steps {
        let (Some(budget), Some(timeout)) = (step.budget, step.timeout) else { continue };
        let verifying = step.verify.as_ref().map_or(0, |verify| verify.timeout().as_ms());
        let longest = Duration::from_ms(timeout.value.as_ms().saturating_add(verifying));
        if budget.value > longest {
            let message = format!(
                "`{}` has failed after {}, before its budget of {} is over",
                step.id.value,
                longest.human(),
                budget.value.human()
            );
            report.warning(Code::BUDGET_CANNOT_BE, budget.place, message, "a timeout beyond the budget");
        }
    }
}
