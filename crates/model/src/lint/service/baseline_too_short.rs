//! A baseline of fewer than two samples is a blip that everything after is compared with.

use crate::{Duration, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    let (Some(production), Some(baseline)) = (service.production(), service.evidence.baseline) else {
        return;
    };
    let interval = production.metrics.interval;
    let two_samples = Duration::from_ms(interval.as_ms().saturating_mul(2));
    if baseline.value < two_samples {
        let message =
            format!("production is asked every {interval}: a baseline of {} is one blip", baseline.value);
        let expected = format!("at least {two_samples}; 1h is usual");
        report.warning(Code::TOO_SHORT_FOR_INTERVAL, baseline.place, message, expected);
    }
}
