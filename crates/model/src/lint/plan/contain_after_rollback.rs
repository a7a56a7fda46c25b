//! Stopping the bleeding is cheap and going back is not, so less evidence must be enough for the former.

use crate::{
    PlanFile, ServiceFile,
    compile::{contain, false_rollback},
    diagnostic::Code,
    lint::Report,
};

pub(super) fn check(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let (rollback, contain) = (false_rollback(plan), contain(service));
    let mut gentle = service.signals.iter().flat_map(|signal| signal.contain.iter().chain(&signal.hold));
    if rollback <= contain || !gentle.any(|rule| rule.is_evidence()) {
        return;
    }
    let place = plan.false_rollback.map_or(plan.release.place, |written| written.place);
    let message = format!(
        "a release goes back on less evidence ({rollback}) than it is contained or held on ({contain})"
    );
    let expected = format!("at most {contain}, or a larger `contain:` under `evidence:` of {}", service.path);
    report.warning(Code::CONTAIN_AFTER_ROLLBACK, place, message, expected);
}
