//! Forward means more traffic: a stage that shrinks or repeats is a mistake.

use crate::{PlanFile, ServiceFile, Share, diagnostic::Code, lint::Report, plan::Stages};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let Stages::Listed(stages) = &plan.stages.value else { return };
    let mut before = Share::ZERO;
    for stage in stages {
        if stage.share.value <= before {
            let message = format!("{} after {before} is no step forward", stage.share.value);
            report.error(Code::SHARES_DO_NOT_GROW, stage.share.place, message, format!("more than {before}"));
        }
        before = stage.share.value;
    }
}
