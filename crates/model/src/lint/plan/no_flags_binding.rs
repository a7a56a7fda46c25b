//! A way back by flag needs something that switches flags.

use crate::{Level, PlanFile, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let by_flag =
        plan.changes.iter().find_map(|change| change.level().filter(|level| level.value == Level::Flag));
    let Some(level) = by_flag else { return };
    for environment in service.environments.values() {
        let executes = matches!(environment.name.as_str(), "production" | "staging");
        if executes && environment.flags.is_none() {
            let message = format!("{} has nothing that switches flags", environment.name);
            let expected =
                format!("`flags: {{ set: …, get: … }}` of {} in {}", environment.name, service.path);
            report.error(Code::NO_FLAGS_BINDING, level.place, message, expected);
        }
    }
}
