//! A baseline lies before the release, and instances asked directly remember nothing of it.

use crate::{
    ServiceFile,
    blueprint::{MetricsKind, Rule},
    diagnostic::Code,
    lint::Report,
    service::SignalEntry,
    source::Spanned,
};

pub(super) fn check(
    service: &ServiceFile,
    signal: &SignalEntry,
    rule: &Spanned<Rule>,
    report: &mut Report<'_>,
) {
    let source = service.production().map(|production| &production.metrics.source);
    if !rule.needs_baseline() || !matches!(source, Some(MetricsKind::Scrape { .. })) {
        return;
    }
    let message = format!(
        "`{}` has nothing to compare `{}` with: production is scraped, and nobody kept what was before",
        rule.value, *signal.name
    );
    let expected = "`metrics: { prometheus: … }` in production, or a rule against `control`";
    report.warning(Code::BASELINE_NOT_REMEMBERED, rule.place, message, expected);
}
