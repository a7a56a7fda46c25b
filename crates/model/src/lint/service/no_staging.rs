//! Without staging nothing is rehearsed, and the time of the way back is a guess.

use crate::{ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    if service.staging().is_none() && service.production().is_some() {
        let place = service.service.place;
        let message =
            "no environment is called `staging`: the way back is never rehearsed before it is needed";
        report.warning(Code::NO_STAGING, place, message, "`staging:` below `environments:`");
    }
}
