//! A schema does not go back by a flag, and restored data do not undo code.

use crate::{PlanFile, Reversibility, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    for change in &plan.changes {
        let Some(level) = change.level() else { continue };
        let levels = change.class.levels();
        if !levels.contains(&level.value) {
            let words: Vec<&str> = levels.iter().map(|level| level.word()).collect();
            let class = change.class.word();
            let message = format!("a change of class {class} cannot go back at level {}", level.value);
            report.error(
                Code::IMPOSSIBLE_LEVEL,
                level.place,
                message,
                format!("level {}", words.join(" or ")),
            );
        } else if change.reversibility() == Reversibility::OneWay {
            let message =
                format!("`{}` is one-way and has a level: one of them is not true", change.id.value);
            let expected = "no `level` with `reversibility: one-way`, or `reversibility: partial`";
            report.error(Code::IMPOSSIBLE_LEVEL, level.place, message, expected);
        }
    }
}
