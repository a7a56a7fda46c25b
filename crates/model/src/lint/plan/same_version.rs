//! Going back to what is going out leads nowhere.

use crate::{PlanFile, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    if let Some(last_good) =
        plan.last_good.as_ref().filter(|last_good| last_good.version == plan.version.value)
    {
        let message = format!("{} goes out and is also where the way back leads", plan.version.value);
        report.error(Code::SAME_VERSION, last_good.place, message, "the version that runs now");
    }
}
