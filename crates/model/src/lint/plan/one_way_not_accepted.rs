//! A one-way change has no way back, so a named person accepts that, and it is not the one who wants to ship.

use crate::{PlanFile, Reversibility, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    for change in &plan.changes {
        let one_way = change.reversibility() == Reversibility::OneWay;
        let Some(risk) = &change.accepted_risk else {
            if one_way {
                let place = change.reversibility.map_or(change.id.place, |written| written.place);
                let message = format!(
                    "`{}` is one-way and nobody accepts that: the gate will refuse this release",
                    change.id.value
                );
                let expected = "`accepted_risk: { by: NAME, reason: … }` by a person who is not the owner";
                report.warning(Code::ONE_WAY_NOT_ACCEPTED, place, message, expected);
            }
            continue;
        };
        if risk.value.by == plan.owner.value {
            let message = format!("{} owns the release and accepts its risk alone", risk.value.by);
            let expected = "`by:` with a person who is not the owner of the release";
            report.error(Code::RISK_ACCEPTED_BY_OWNER, risk.place, message, expected);
        }
        if !one_way {
            let message = format!("`{}` has a way back, so there is no risk to accept", change.id.value);
            let expected = "`reversibility: one-way`, or no `accepted_risk`";
            report.warning(Code::RISK_NOT_ONE_WAY, risk.place, message, expected);
        }
    }
}
