//! Somebody has to be woken.

use crate::{PlanFile, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    if plan.on_call.is_none() {
        let message = "nobody is on call: the gate will refuse this release";
        report.warning(Code::NO_ON_CALL, plan.owner.place, message, "`on_call: NAME`");
    }
}
