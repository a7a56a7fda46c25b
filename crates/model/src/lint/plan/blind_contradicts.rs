//! A release must be able to be blind before it acts on it, and before its stage is over.

use crate::{PlanFile, ServiceFile, compile::blind, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let blind = blind(plan);
    if let Some(deadline) = plan.blind.deadline.filter(|deadline| deadline.value < blind.after) {
        let message = format!(
            "the deadline of {} is over before silence of {} is noticed",
            deadline.value, blind.after
        );
        report.error(Code::BLIND_CONTRADICTS, deadline.place, message, format!("at least {}", blind.after));
    }
    let interval = service.production().map(|production| production.metrics.interval);
    if let (Some(after), Some(interval)) = (plan.blind.after, interval)
        && after.value <= interval
    {
        let message =
            format!("production is asked every {interval}: after {} every pause is blindness", after.value);
        report.error(
            Code::BLIND_CONTRADICTS,
            after.place,
            message,
            format!("longer than {interval}, best several times"),
        );
    }
}
