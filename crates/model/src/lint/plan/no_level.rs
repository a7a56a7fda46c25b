//! Every change names the level its rollback needs before it ships; at three in the morning nobody knows.

use crate::{PlanFile, Reversibility, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    for change in &plan.changes {
        if change.level().is_none() && change.reversibility() != Reversibility::OneWay {
            let words: Vec<&str> = change.class.levels().iter().map(|level| level.word()).collect();
            let message = format!("`{}` does not say at which level it goes back", change.id.value);
            let expected = format!(
                "`back: {{ level: {} }}`, or `reversibility: one-way` with `contain:`",
                words.join(" or ")
            );
            report.error(Code::NO_LEVEL, change.id.place, message, expected);
        }
    }
}
