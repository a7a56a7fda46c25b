//! What the service cannot live without must be off in seconds: a critical path needs a flag.

use crate::{ChangeClass, Level, PlanFile, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let Some(critical) = plan.critical_path.filter(|critical| critical.value) else { return };
    let switchable = |class: ChangeClass| class.levels().contains(&Level::Flag);
    let mut candidates = plan.changes.iter().filter(|change| switchable(change.class.value)).peekable();
    if candidates.peek().is_none() && !plan.changes.is_empty() {
        let message = "a critical path, and no change of it can be switched off by a flag";
        report.error(
            Code::CRITICAL_WITHOUT_FLAG,
            critical.place,
            message,
            "a code or config change with `level: flag`",
        );
    }
    for change in candidates {
        if change.level().is_some_and(|level| level.value != Level::Flag) {
            let place = change.level().map_or(change.id.place, |level| level.place);
            let message = format!("`{}` is on a critical path and takes minutes to go back", change.id.value);
            report.error(Code::CRITICAL_WITHOUT_FLAG, place, message, "`back: { level: flag, flag: … }`");
        }
    }
}
