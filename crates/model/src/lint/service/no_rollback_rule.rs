//! A service whose signals can send nothing back relies on somebody looking.

use crate::{ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    if service.signals.iter().all(|signal| signal.rollback.is_empty()) {
        let place = service.signals.first().map_or(service.service.place, |signal| signal.name.place);
        let message = "no signal can send a release back: a bad one stays until somebody notices";
        report.error(
            Code::NO_ROLLBACK_RULE,
            place,
            message,
            "a signal with `rollback:`, like `rollback: above 5% for 5m`",
        );
    }
}
