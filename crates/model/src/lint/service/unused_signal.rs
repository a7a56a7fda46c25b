//! A signal that no rule uses is watched by nobody, and everybody believes it is.

use crate::{ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    for signal in &service.signals {
        if signal.rules().next().is_none() {
            let message = format!("no rule uses `{}`: whatever it shows, nothing happens", *signal.name);
            report.error(
                Code::UNUSED_SIGNAL,
                signal.name.place,
                message,
                "`rollback:`, `contain:` or `hold:` with a rule",
            );
        }
    }
}
