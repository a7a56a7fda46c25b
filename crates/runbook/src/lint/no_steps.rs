//! A runbook without a marked fence is prose.

use ripcord_model::{ServiceFile, diagnostic::Code, lint::Report};

use crate::Runbook;

pub(super) fn check(runbook: &Runbook, _service: Option<&ServiceFile>, report: &mut Report<'_>) {
    if runbook.steps.is_empty() {
        let message = format!("`{}` has no step: nothing would be done", runbook.name.value);
        let expected = "at least one marked fence: `sh {run step=… timeout=…}`";
        report.error(Code::NO_STEPS, runbook.name.place, message, expected);
    }
}
