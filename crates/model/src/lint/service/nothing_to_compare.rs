//! Production is to be compared with a staging that does not exist.

use crate::{ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    let Some(place) = service.gate.paperwork.config_diff_reviewed else { return };
    if service.staging().is_none() {
        let message = "the differences from staging are to be reviewed, and there is no staging";
        report.error(Code::NOTHING_TO_COMPARE, place, message, "`staging:` below `environments:`");
    }
}
