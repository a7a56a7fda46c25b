//! What is seen while a version warms up is no evidence; a first stage that is over by then gathers none.

use crate::{
    PlanFile, ServiceFile,
    compile::{stages, warm_up},
    diagnostic::Code,
    lint::Report,
    plan::Stages,
};

pub(super) fn check(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let compiled = stages::compile(&plan.stages.value);
    let Some(first) = compiled.first() else { return };
    let warm_up = warm_up(service, &compiled);
    let gathers = super::rules(service, plan).any(|rule| rule.is_evidence());
    if !gathers || first.dwell == crate::Duration::ZERO || warm_up < first.dwell {
        return;
    }
    let place = match &plan.stages.value {
        Stages::Listed(listed) => listed.first().map_or(plan.stages.place, |stage| stage.place),
        Stages::Standard | Stages::Small => plan.stages.place,
    };
    let message = format!(
        "the first stage of {} is over before evidence begins, after {warm_up} of warming up",
        first.dwell
    );
    let expected =
        format!("a longer first stage, or a shorter `warm_up:` under `evidence:` of {}", service.path);
    report.warning(Code::STAGE_PROVES_NOTHING, place, message, expected);
}
