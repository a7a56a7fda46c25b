//! The parts take no longer than the whole.

use ripcord_model::{Duration, ServiceFile, diagnostic::Code, lint::Report};

use crate::Runbook;

pub(super) fn check(runbook: &Runbook, _service: Option<&ServiceFile>, report: &mut Report<'_>) {
    let sum = runbook.steps.iter().fold(0_u64, |sum, step| sum.saturating_add(step.budget().as_ms()));
    if sum > runbook.budget.value.as_ms() {
        let sum = Duration::from_ms(sum);
        let message =
            format!("the steps may take {}, the budget is {}", sum.human(), runbook.budget.value.human());
        let expected = format!("at least `budget: {sum}`, or faster steps");
        report.error(Code::STEPS_OVER_BUDGET, runbook.budget.place, message, expected);
    }
}
