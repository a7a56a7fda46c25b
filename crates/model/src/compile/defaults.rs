//! What holds when a plan does not say.

use crate::{
    Duration, Level, PlanFile, ServiceFile, Share,
    blueprint::{Blind, BlindAction},
    plan::ChangeEntry,
};

/// One false rollback in a thousand releases with no regression.
const FALSE_ROLLBACK: Share = match Share::from_ppm(1_000) {
    Some(share) => share,
    None => Share::ZERO,
};
/// Contained or held for nothing, called safe for nothing, distrusted for nothing: one in twenty each.
pub(super) const EVIDENCE: Share = Share::percent(5);
/// Long enough to be a baseline, short enough to be about today.
pub(super) const BASELINE: Duration = Duration::from_mins(60);
/// People outside are told about a rollback that takes longer.
pub(super) const OUTSIDE_AFTER: Duration = Duration::from_mins(15);
/// How long recovery must be seen.
pub(super) const RECOVERY: Duration = Duration::from_mins(1);
/// What verifying may take beyond the time that recovery must be seen.
pub(super) const RECOVERY_SLACK: Duration = Duration::from_mins(1);
/// How long traffic may take to be on last good, read back.
pub(super) const TRAFFIC: Duration = Duration::from_secs(30);
/// What withdrawing may take beyond draining and grace.
pub(super) const WITHDRAW_SLACK: Duration = Duration::from_secs(30);

const BLIND_AFTER: Duration = Duration::from_mins(2);
const BLIND_DEADLINE: Duration = Duration::from_mins(10);

/// How long the rollback of a change may take.
pub(super) fn budget(change: &ChangeEntry, level: Level) -> Duration {
    let written = change.back.as_ref().and_then(|back| back.budget);
    let default = match level {
        Level::Flag => Duration::from_mins(1),
        Level::Deploy => Duration::from_mins(5),
        Level::Migration => Duration::from_mins(30),
        Level::Data => Duration::from_mins(240),
    };
    written.map_or(default, |written| written.value)
}

/// The accepted chance that a release with no regression is rolled back.
pub(crate) fn false_rollback(plan: &PlanFile) -> Share {
    plan.false_rollback.map_or(FALSE_ROLLBACK, |written| written.value)
}

/// The accepted chance that a release with no regression is contained, or held by evidence.
pub(crate) fn contain(service: &ServiceFile) -> Share {
    service.evidence.contain.map_or(EVIDENCE, |written| written.value)
}

/// When silence becomes a verdict, and what follows.
pub(crate) fn blind(plan: &PlanFile) -> Blind {
    let after = plan.blind.after.map_or(BLIND_AFTER, |after| after.value);
    let deadline = plan.blind.deadline.map_or_else(|| after.max(BLIND_DEADLINE), |deadline| deadline.value);
    Blind { after, deadline, then: plan.blind.then.map_or(BlindAction::Rollback, |then| then.value) }
}
