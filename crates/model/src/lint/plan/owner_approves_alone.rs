//! Four eyes are needed where an approval is: the owner cannot be the only approver.

use crate::{PlanFile, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let Some(first) = plan.approvers.first() else { return };
    if plan.approvers.iter().all(|approver| approver.value == plan.owner.value) {
        let message = format!("{} owns the release and is its only approver", plan.owner.value);
        report.error(Code::OWNER_APPROVES_ALONE, first.place, message, "an approver who is not the owner");
    }
}
