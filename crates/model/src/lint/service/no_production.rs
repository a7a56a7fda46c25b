//! A service that is released must say where its users are.

use crate::{ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    if service.production().is_none() {
        let first = service.environments.values().map(|environment| environment.place).min();
        let place = first.unwrap_or(service.service.place);
        let expected = "`production:` with router, workload and metrics, below `environments:`";
        report.error(Code::NO_PRODUCTION, place, "no environment is called `production`", expected);
    }
}
