//! From what users were answered, and when things were decided, to the numbers of the demo. Pure.

use exam_service::load::Report;
use ripcord_engine::{IncidentClock, PhaseName, Status};
use serde::Serialize;

/// How a release went, as its users saw it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The release.
    pub release: String,
    /// What went out.
    pub version: String,
    /// `complete` or `rolled_back`; anything else is the phase it was left in.
    pub outcome: String,
    /// The largest share it had: `10%`.
    pub stage_reached: String,
    /// Answers that were no success, and requests without an answer, while it was under way.
    pub bad_responses: u64,
    /// All answers, and requests without one, while it was under way.
    pub responses: u64,
    /// From its first bad answer to the instant it was noticed, in seconds.
    pub detect_s: Option<f64>,
    /// From the decision to the last answer of the withdrawn version, in milliseconds; 0 when none came after it.
    pub decide_to_restored_ms: Option<f64>,
    /// From its first bad answer to its last answer, in seconds.
    pub harm_to_restored_s: Option<f64>,
}

/// The numbers of a release: `window` is what users saw while it was under way, `reached` the last stage whose share
/// was in force, by the record.
pub fn measure(status: &Status, reached: Option<usize>, window: &Report) -> Measured {
    let version = status.candidate.as_str();
    let seen = window.versions.get(version);
    let first_bad = seen.and_then(|seen| seen.first_bad_at_us);
    let last = seen.and_then(|seen| seen.last_answer_at_us);
    let went_back = status.phase == PhaseName::RolledBack;
    let only_back = |value: Option<f64>| value.filter(|_| went_back);
    Measured {
        release: status.release.to_string(),
        version: version.to_owned(),
        outcome: outcome(status.phase).to_owned(),
        stage_reached: stage_reached(status, reached),
        bad_responses: window.bad_or_failed(),
        responses: window.responses + window.failed,
        detect_s: only_back(between(first_bad, detected_us(&status.clock), 1e6)),
        decide_to_restored_ms: only_back(between(decided_us(&status.clock), last, 1e3)),
        harm_to_restored_s: only_back(between(first_bad, last, 1e6)),
    }
}

fn detected_us(clock: &IncidentClock) -> Option<u64> {
    clock.detected.and_then(|at| u64::try_from(at.as_ms()).ok()).map(|ms| ms * 1_000)
}

fn decided_us(clock: &IncidentClock) -> Option<u64> {
    clock.decided.and_then(|at| u64::try_from(at.as_ms()).ok()).map(|ms| ms * 1_000)
}

/// From one instant to a later one in units of `unit_us`, to three decimals; 0 when it is not later.
fn between(from_us: Option<u64>, to_us: Option<u64>, unit_us: f64) -> Option<f64> {
    let difference = to_us?.saturating_sub(from_us?);
    Some((difference as f64 / unit_us * 1e3).round() / 1e3)
}

const fn outcome(phase: PhaseName) -> &'static str {
    match phase {
        PhaseName::Complete => "complete",
        PhaseName::RolledBack => "rolled_back",
        PhaseName::Planned => "planned",
        PhaseName::Staging => "staging",
        PhaseName::Gating => "gating",
        PhaseName::Releasing => "releasing",
        PhaseName::Verifying => "verifying",
        PhaseName::Cancelled => "cancelled",
        PhaseName::Contained => "contained",
        PhaseName::RollingBack => "rolling_back",
        PhaseName::Stuck => "stuck",
    }
}

fn stage_reached(status: &Status, reached: Option<usize>) -> String {
    let stage = reached.and_then(|index| status.stages.get(index));
    stage.map_or_else(|| "0%".to_owned(), |stage| stage.share.to_string())
}

#[cfg(test)]
mod tests {
    use exam_service::load::VersionReport;
    use ripcord_model::Timestamp;

    use super::*;
    use crate::render::samples;

    fn window() -> Report {
        let seen = VersionReport {
            responses: 50,
            bad: 9,
            first_answer_at_us: Some(1_000_000),
            first_bad_at_us: Some(2_000_000),
            last_bad_at_us: Some(5_900_000),
            last_answer_at_us: Some(6_004_300),
            ..VersionReport::default()
        };
        let versions = [("v2".to_owned(), seen)].into();
        Report { responses: 4_000, bad: 9, failed: 1, versions, ..Report::default() }
    }

    #[test]
    fn a_rollback_is_measured_from_answers_to_answers() {
        let mut status = samples::rolled_back();
        status.clock.detected = Some(Timestamp::from_ms(6_000));
        status.clock.decided = Some(Timestamp::from_ms(6_000));
        let measured = measure(&status, Some(1), &window());
        assert_eq!(measured.outcome, "rolled_back");
        assert_eq!(measured.stage_reached, "10%");
        assert_eq!((measured.bad_responses, measured.responses), (10, 4_001));
        assert_eq!(measured.detect_s, Some(4.0));
        assert_eq!(measured.decide_to_restored_ms, Some(4.3));
        assert_eq!(measured.harm_to_restored_s, Some(4.004));
    }

    #[test]
    fn a_complete_release_has_no_harm_to_measure() {
        let measured = measure(&samples::complete(), Some(3), &window());
        assert_eq!((measured.outcome.as_str(), measured.stage_reached.as_str()), ("complete", "100%"));
        assert_eq!(
            (measured.detect_s, measured.decide_to_restored_ms, measured.harm_to_restored_s),
            (None, None, None)
        );
    }

    #[test]
    fn a_version_silent_before_the_decision_took_no_time_to_withdraw() {
        let mut status = samples::rolled_back();
        status.clock.decided = Some(Timestamp::from_ms(7_000));
        assert_eq!(measure(&status, Some(1), &window()).decide_to_restored_ms, Some(0.0));
    }
}
