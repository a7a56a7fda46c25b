//! More people must approve than are named to.

use crate::{
    Level, Person, PlanFile, Reversibility, ServiceFile,
    compile::{approvals, approvers},
    diagnostic::Code,
    lint::Report,
};

pub(super) fn check(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let accepting = plan.changes.iter().filter_map(|change| change.accepted_risk.as_ref());
    let mut named: Vec<Person> =
        approvers(plan).into_iter().chain(accepting.map(|risk| risk.value.by.clone())).collect();
    named.retain(|person| *person != plan.owner.value);
    named.sort();
    named.dedup();
    // Where nobody is named, anybody but the owner may.
    if named.is_empty() {
        return;
    }
    let deep = |level: Level| level.needs_approval();
    let reviewer = plan.changes.iter().any(|change| {
        change.reversibility() == Reversibility::OneWay
            || change.level().is_some_and(|level| deep(level.value))
    });
    let needed = approvals(service, plan).saturating_add(u32::from(reviewer)) as usize;
    if named.len() < needed {
        let place = plan.approvers.first().map_or(plan.owner.place, |approver| approver.place);
        let message = format!("{needed} people must approve this release, and {} may", named.len());
        let expected = "`approvers: [NAME, NAME]` with enough people who are not the owner";
        report.warning(Code::TOO_FEW_APPROVERS, place, message, expected);
    }
}
