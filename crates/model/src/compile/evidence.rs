//! How evidence is weighed: what the service says, the rest filled in, all of it frozen.

use super::defaults;
use crate::{
    Duration, PlanFile, ServiceFile, Share,
    blueprint::{AdvanceOn, EvidencePlan, Rule, Signal, Stage},
    source::Spanned,
};

/// A tenth of the first stage warms up, and at most a minute of it.
const WARM_UP_PART: u64 = 10;
const WARM_UP_MAX: Duration = Duration::from_mins(1);

/// The frozen parameters of all evidence of a release with these stages and signals, looked at every `interval`.
pub(super) fn compile(
    (service, plan): (&ServiceFile, &PlanFile),
    stages: &[Stage],
    signals: &[Signal],
    interval: Duration,
) -> EvidencePlan {
    let written = &service.evidence;
    // While everybody gets the candidate there is nothing left to compare it with.
    let compared = stages.split_last().map_or(stages, |(_validation, others)| others);
    let planned = Duration::from_ms(compared.iter().map(|stage| stage.dwell.as_ms()).sum());
    let usual = EvidencePlan::over(planned, interval);
    let needs_baseline = signals.iter().flat_map(Signal::rules).any(Rule::needs_baseline);
    let baseline = written.baseline.map_or(defaults::BASELINE, |baseline| baseline.value);
    EvidencePlan {
        contain: defaults::contain(service).fraction(),
        advance: chance(written.advance).fraction(),
        guard: chance(written.guard).fraction(),
        warm_up: warm_up(service, stages),
        dispersion: written.dispersion.map_or(usual.dispersion, |dispersion| dispersion.value),
        advance_on: plan.advance.map_or(AdvanceOn::Limits, |advance| advance.value),
        baseline: needs_baseline.then_some(baseline),
        ..usual
    }
}

/// What of a freshly started version is no evidence.
pub(crate) fn warm_up(service: &ServiceFile, stages: &[Stage]) -> Duration {
    let first = stages.first().map_or(Duration::ZERO, |stage| stage.dwell);
    let usual = Duration::from_ms(first.as_ms() / WARM_UP_PART).min(WARM_UP_MAX);
    service.evidence.warm_up.map_or(usual, |written| written.value)
}

fn chance(written: Option<Spanned<Share>>) -> Share {
    written.map_or(defaults::EVIDENCE, |written| written.value)
}
