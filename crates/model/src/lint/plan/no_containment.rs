//! What cannot be undone must at least be limited, and how must be known before.

use crate::{PlanFile, Reversibility, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    for change in &plan.changes {
        let word = match change.reversibility() {
            Reversibility::Reversible => continue,
            Reversibility::Partial => "only partly reversible",
            Reversibility::OneWay => "one-way",
        };
        if change.contain.is_none() {
            let place = change.reversibility.map_or(change.id.place, |written| written.place);
            let message =
                format!("`{}` is {word}, and nothing says how the damage is limited", change.id.value);
            report.error(
                Code::NO_CONTAINMENT,
                place,
                message,
                "`contain:` with what is done: `contain: stop the writer`",
            );
        }
    }
}
