//! A script that ended well has shown nothing yet.

use ripcord_model::{ServiceFile, diagnostic::Code, lint::Report};

use crate::{Runbook, StepKind};

pub(super) fn check(runbook: &Runbook, _service: Option<&ServiceFile>, report: &mut Report<'_>) {
    for step in &runbook.steps {
        if matches!(step.kind, StepKind::Run(_)) && step.verify.is_none() {
            let id = &step.id.value;
            let message = format!("nothing verifies that `{id}` did what it was to do");
            let expected = format!("a fence below it: `sh {{verify step={id} timeout=60s}}`");
            report.error(Code::RUN_WITHOUT_VERIFY, step.id.place, message, expected);
        }
    }
}
