//! Everything that is waited for has an end, and the end is minutes away.

use ripcord_model::{Duration, Level, ServiceFile, diagnostic::Code, lint::Report};

use crate::{Runbook, Step, StepKind};

const TIMEOUT_MAX: Duration = Duration::from_mins(60);

pub(super) fn check(runbook: &Runbook, _service: Option<&ServiceFile>, report: &mut Report<'_>) {
    for step in &runbook.steps {
        let id = &step.id.value;
        let is_message = matches!(step.kind, StepKind::Template(_));
        match step.timeout {
            None if !is_message => {
                let message = format!("`{id}` has no timeout: it may hang for ever");
                report.error(Code::STEP_WITHOUT_TIMEOUT, step.id.place, message, "`timeout=60s`");
            }
            Some(timeout) if timeout.value > TIMEOUT_MAX && !may_take_hours(step) => {
                let message = format!("`{id}` waits for {}", timeout.value.human());
                report.error(Code::TIMEOUT_TOO_LONG, timeout.place, message, "minutes, an hour at most");
            }
            None | Some(_) => {}
        }
        let Some(verify) = &step.verify else { continue };
        match verify.timeout {
            None => {
                let message = format!("the verification of `{id}` has no timeout");
                report.error(Code::STEP_WITHOUT_TIMEOUT, verify.place, message, "`timeout=60s`");
            }
            Some(timeout) if timeout.value > TIMEOUT_MAX && !may_take_hours(step) => {
                let message = format!("the verification of `{id}` waits for {}", timeout.value.human());
                report.error(Code::TIMEOUT_TOO_LONG, timeout.place, message, "minutes, an hour at most");
            }
            Some(_) => {}
        }
    }
}

/// Migrations and data take the time they take.
fn may_take_hours(step: &Step) -> bool {
    let deep = step.level().is_some_and(Level::needs_approval);
    match &step.kind {
        StepKind::Migrate { .. } | StepKind::Restore { .. } => true,
        StepKind::Run(_) | StepKind::Check(_) => deep,
        StepKind::Manual { .. }
        | StepKind::Flag { .. }
        | StepKind::Traffic
        | StepKind::Deploy
        | StepKind::Template(_) => false,
    }
}
