//! However small a change is, everybody gets it only after a few did: the step before 100 % is never a jump.

use crate::{PlanFile, ServiceFile, Share, diagnostic::Code, lint::Report, plan::Stages};

/// The stage before everything has at least this much: from 1 % to 100 % is a skip, from 10 % a bold step.
const LEAST_BEFORE_ALL: Share = Share::percent(10);

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let Stages::Listed(stages) = &plan.stages.value else { return };
    let expected = "small shares first: 1%, 10%, 50%, 100%";
    let Some(all) = stages.iter().position(|stage| stage.share.value == Share::FULL) else { return };
    let place = stages[all].share.place;
    match all.checked_sub(1).and_then(|before| stages.get(before)) {
        None => report.error(Code::SKIPS_TO_ALL, place, "the first stage is everything", expected),
        Some(before) if before.share.value < LEAST_BEFORE_ALL => {
            let message = format!("the stages skip from {} to everything", before.share.value);
            report.error(
                Code::SKIPS_TO_ALL,
                place,
                message,
                format!("at least {LEAST_BEFORE_ALL} before 100%; {expected}"),
            );
        }
        Some(_) => {}
    }
}
