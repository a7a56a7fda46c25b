//! What stops the bleeding comes before what takes hours.

use ripcord_model::{Level, ServiceFile, diagnostic::Code, lint::Report};

use crate::{Runbook, Step};

pub(super) fn check(runbook: &Runbook, _service: Option<&ServiceFile>, report: &mut Report<'_>) {
    let mut deepest: Option<(&Step, Level)> = None;
    for step in &runbook.steps {
        let Some(level) = step.level() else { continue };
        match deepest {
            Some((before, deep)) if deep > level && deep.needs_approval() => {
                let message = format!(
                    "`{}` of level {level} comes after `{}` of level {deep}",
                    step.id.value, before.id.value
                );
                let expected = "flag and deploy first, then migration, data last";
                report.error(Code::DEEP_STEP_FIRST, step.id.place, message, expected);
            }
            Some((_, deep)) if deep >= level => {}
            Some(_) | None => deepest = Some((step, level)),
        }
    }
}
