//! A release ends with everything; one that stops before never completes.

use crate::{PlanFile, ServiceFile, Share, diagnostic::Code, lint::Report, plan::Stages};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let Stages::Listed(stages) = &plan.stages.value else { return };
    if let Some(last) = stages.last().filter(|last| last.share.value != Share::FULL) {
        let message = format!("the last stage stops at {}", last.share.value);
        report.error(
            Code::LAST_STAGE_NOT_ALL,
            last.share.place,
            message,
            "a last stage of 100%; its time is the validation",
        );
    }
}
