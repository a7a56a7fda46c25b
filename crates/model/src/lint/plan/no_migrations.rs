//! A migration that goes back needs to be named.

use crate::{Level, PlanFile, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    for change in &plan.changes {
        let Some(level) = change.level().filter(|level| level.value == Level::Migration) else { continue };
        if change.migrations.is_none() || change.from.is_none() || change.to.is_none() {
            let message = format!("`{}` does not say which migrations are undone", change.id.value);
            let expected = "`migrations: FOLDER, from: \"0041\", to: \"0042\"`";
            report.error(Code::NO_MIGRATIONS, level.place, message, expected);
        }
    }
}
