//! A capacity condition that nothing can answer keeps the gate closed for ever.

use crate::{
    Duration, ServiceFile,
    blueprint::{Capacity, Measure, MetricsKind, Sustain},
    diagnostic::Code,
    lint::Report,
};

/// How long the gate watches instances that are scraped; whoever asks for more needs a source that remembers.
const WATCHED_MAX: Duration = Duration::from_secs(30);

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    let gate = &service.gate;
    let (Some(capacity), Some(place)) = (&gate.outside.capacity, gate.places.capacity) else { return };
    if let Some((why, expected)) = unanswerable(service, capacity) {
        report.error(Code::CAPACITY_UNANSWERABLE, place, why, expected);
    }
}

fn unanswerable(service: &ServiceFile, capacity: &Capacity) -> Option<(String, String)> {
    let name = &capacity.signal;
    let Some(signal) = service.signals.iter().find(|signal| signal.name.value == *name) else {
        let known: Vec<&str> = service.signals.iter().map(|signal| signal.name.as_str()).collect();
        return Some((format!("there is no signal `{name}`"), format!("one of: {}", known.join(", "))));
    };
    match &signal.measure.value {
        Measure::Gauge { .. } | Measure::Ratio { .. } | Measure::Success { .. } => {}
        Measure::Quantile { .. } | Measure::Count { .. } => {
            let why = format!("`{name}` says how something went, not how much room there is");
            return Some((why, "a signal that is a gauge or a ratio".to_owned()));
        }
    }
    let scraped = |source: &MetricsKind| matches!(source, MetricsKind::Scrape { .. });
    let production = service.production()?;
    match capacity.condition.sustain {
        Sustain::For(long) if long > WATCHED_MAX && scraped(&production.metrics.source) => {
            let why = format!(
                "nobody knows `{name}` over the last {}: production is scraped, and instances remember nothing",
                long.human()
            );
            let expected = format!(
                "`metrics: {{ prometheus: … }}` in production, or at most {}, which the gate watches itself",
                WATCHED_MAX.human()
            );
            Some((why, expected))
        }
        Sustain::For(_) | Sustain::In(_) => None,
    }
}
