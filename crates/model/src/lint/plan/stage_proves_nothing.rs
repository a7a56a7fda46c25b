//! A stage that asks for neither time nor requests is over before anything could be seen.

use crate::{PlanFile, ServiceFile, diagnostic::Code, lint::Report, plan::Stages};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let Stages::Listed(stages) = &plan.stages.value else { return };
    for stage in stages {
        if stage.dwell.is_none() {
            let message = format!("the stage of {} does not say how long it lasts", stage.share.value);
            report.error(
                Code::STAGE_PROVES_NOTHING,
                stage.place,
                message,
                "`for: 30m`, and `at_least: 500 requests`",
            );
        }
    }
}
