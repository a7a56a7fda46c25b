//! A release that changes nothing has nothing to go back from.

use crate::{PlanFile, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    if plan.changes.is_empty() {
        let expected = "`- { id: submit-flow, class: code, back: { level: deploy } }` below `changes:`";
        report.error(Code::NO_CHANGES, plan.release.place, "the plan lists no change", expected);
    }
}
