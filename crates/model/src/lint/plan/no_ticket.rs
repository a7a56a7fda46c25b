//! Where every release has a change ticket, this one has none.

use crate::{PlanFile, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    if service.gate.paperwork.ticket_required && plan.ticket.is_none() {
        let message = "no change ticket is named: the gate will refuse this release";
        report.warning(Code::NO_TICKET, plan.release.place, message, "`ticket: CHG-1234`");
    }
}
