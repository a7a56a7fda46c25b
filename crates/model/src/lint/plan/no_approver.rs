//! A step of level migration or data waits for an approver; without one it waits for ever.

use crate::{PlanFile, ServiceFile, compile::approvers, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    if !plan.approvers.is_empty() {
        return;
    }
    let nobody = approvers(plan).iter().all(|approver| *approver == plan.owner.value);
    for level in plan.changes.iter().filter_map(|change| change.level()) {
        if level.needs_approval() && nobody {
            let message = format!("a step of level {} needs an approver, and nobody is named", level.value);
            let expected = "`approvers: [NAME]`, or `back: { owner: NAME }`, who is not the release's owner";
            report.error(Code::NO_APPROVER, level.place, message, expected);
        }
    }
}
