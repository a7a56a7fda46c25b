//! Waiting for evidence that nothing gathers is not waiting.

use crate::{PlanFile, ServiceFile, blueprint::AdvanceOn, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let Some(advance) = plan.advance.filter(|advance| advance.value == AdvanceOn::Evidence) else { return };
    if super::rules(service, plan).any(|rule| rule.is_evidence()) {
        return;
    }
    let message = format!("stages wait for evidence, and no rule of {} gathers any", service.path);
    let expected = "`advance: limits`, or a signal with `worse than control by 20%` or `over 1%`";
    report.error(Code::ADVANCE_WITHOUT_EVIDENCE, advance.place, message, expected);
}
