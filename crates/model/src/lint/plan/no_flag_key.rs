//! A way back by flag needs to know which flag.

use crate::{Level, PlanFile, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    for change in &plan.changes {
        let Some(back) = &change.back else { continue };
        if back.flag.is_none()
            && let Some(level) = back.level.filter(|level| level.value == Level::Flag)
        {
            let message = format!("`{}` goes back by a flag and does not say which", change.id.value);
            report.error(
                Code::NO_FLAG_KEY,
                level.place,
                message,
                "`back: { level: flag, flag: exam-submit-v2 }`",
            );
        }
    }
}
