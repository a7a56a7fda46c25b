//! A duration with fewer than two samples in it is decided by one blip.

use crate::{
    Duration, ServiceFile,
    blueprint::{Rule, Sustain},
    diagnostic::Code,
    lint::Report,
    service::SignalEntry,
    source::Spanned,
};

pub(super) fn check(
    service: &ServiceFile,
    _signal: &SignalEntry,
    rule: &Spanned<Rule>,
    report: &mut Report<'_>,
) {
    let (Some(production), Rule::Threshold(condition)) = (service.production(), &rule.value) else { return };
    let interval = production.metrics.interval;
    let two_samples = Duration::from_ms(interval.as_ms().saturating_mul(2));
    let (Sustain::For(duration) | Sustain::In(duration)) = condition.sustain;
    if duration < two_samples {
        let message = format!("production is asked every {interval}: within {duration} one blip decides");
        let expected = format!("at least {two_samples}, or a shorter `interval:` of `metrics:`");
        report.warning(Code::TOO_SHORT_FOR_INTERVAL, rule.place, message, expected);
    }
}
