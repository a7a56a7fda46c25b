//! How a scenario's output reads: one line per fact, and what `status` says when asked.

use ripcord_engine::{Cause, Event, HoldCause, Status};
use ripcord_model::{Duration, Timestamp, paper::Paper};

/// One line for a fact; `None` for facts that only people with a debugger want to see.
pub(super) fn fact(event: &Event) -> Option<String> {
    Some(match event {
        Event::Created { .. } => "created".to_owned(),
        Event::Shipped => "shipped".to_owned(),
        Event::StagingSkipped => "staging skipped".to_owned(),
        Event::StagingPassed => "staging passed".to_owned(),
        Event::StagingFailed { reason } => format!("staging failed: {reason}"),
        Event::GateOpened { checks } => format!("gate opened ({} checks)", checks.len()),
        Event::GateBlocked { checks } => {
            let blocking: Vec<_> =
                checks.iter().filter(|check| !check.status.opens()).map(|c| c.check.as_str()).collect();
            format!("gate blocked by {}", blocking.join(", "))
        }
        Event::Intended { effect } => match &effect.desired {
            ripcord_engine::Desired::Notice(notice) => {
                format!("tells people ({:?}): {}", notice.kind, notice.text)
            }
            desired => format!("wants {}", desired.in_words()),
        },
        Event::Repeated { attempt, .. } => format!("tries again (attempt {attempt})"),
        Event::Achieved { .. } | Event::SegmentClosed { .. } => return None,
        Event::EffectFailed { reason, retry_at: Some(_), .. } => format!("failed: {reason}; will try again"),
        Event::EffectFailed { reason, retry_at: None, .. } => format!("failed for good: {reason}"),
        Event::StageEntered { stage } => format!("stage {} begins", stage + 1),
        Event::StageBaking { stage } => format!("stage {} bakes", stage + 1),
        Event::StageInterrupted { stage } => format!("stage {} is interrupted: last good died", stage + 1),
        Event::StageReady { stage } => format!("stage {} is ready", stage + 1),
        Event::Verifying => "all traffic; validation begins".to_owned(),
        Event::Promoted { without, .. } if without.is_empty() => "promoted".to_owned(),
        Event::Promoted { without, .. } => {
            let names: Vec<_> = without.iter().map(|name| name.as_str()).collect();
            format!("promoted without evidence from {}", names.join(", "))
        }
        Event::Held { cause } => format!("held: {}", hold(cause)),
        Event::HoldLifted { cause } => format!("hold lifted: {}", hold(cause)),
        Event::Judged { verdict } => format!("verdict {:?}: {}", verdict.kind, verdict.reason),
        Event::ContainDecided { cause: reason } => format!("CONTAIN: {}", cause(reason)),
        Event::Contained => "contained".to_owned(),
        Event::RollbackDecided { cause: reason, level } => {
            format!("ROLLBACK to level {level}: {}", cause(reason))
        }
        Event::BackStepStarted { step } => format!("way back: {step} begins"),
        Event::BackStepDone { step } => format!("way back: {step} done"),
        Event::BackStepApproved { step } => format!("way back: {step} approved"),
        Event::BackStepPostponed { step, reason } => format!("way back: {step} comes later: {reason}"),
        Event::BackStepSkipped { step, .. } => format!("way back: {step} left out"),
        Event::BleedingStopped => "bleeding stopped".to_owned(),
        Event::RecoveryVerified { silent } if silent.is_empty() => "recovery verified".to_owned(),
        Event::RecoveryVerified { silent } => {
            let names: Vec<_> = silent.iter().map(|name| name.as_str()).collect();
            format!("recovery verified by probes; silent: {}", names.join(", "))
        }
        Event::RolledBack => "rolled back".to_owned(),
        Event::Stuck { step, reason, offers } => {
            let offers: Vec<_> = offers.iter().map(|level| level.word()).collect();
            format!(
                "STUCK at {step}: {reason}; offers: {}",
                if offers.is_empty() { "none".to_owned() } else { offers.join(", ") }
            )
        }
        Event::RehearsalSettled => "last good has been watched".to_owned(),
        Event::RehearsalInterrupted => "REHEARSAL INTERRUPTED".to_owned(),
        Event::Rehearsed { result } => match &result.failed {
            None => format!("REHEARSED: confirmed {}", result.took.human()),
            Some(reason) => format!("REHEARSAL FAILED: {reason}"),
        },
        Event::DespiteFreeze { .. } => "goes on despite freezes".to_owned(),
        Event::Acknowledged => "acknowledged".to_owned(),
        Event::Completed { .. } => "declared complete".to_owned(),
        Event::Cancelled { .. } => "cancelled".to_owned(),
        Event::OfflineRollback { journal } => {
            format!("offline rollback joined the record ({} lines)", journal.len())
        }
    })
}

fn hold(cause: &HoldCause) -> String {
    match cause {
        HoldCause::Person { why } => format!("a person ({why})"),
        HoldCause::Rule { signal, rule } => format!("{signal} {rule}"),
        HoldCause::Distrusted { signal } => format!("{signal} (distrusted)"),
        HoldCause::Alert { alert, .. } => format!("the alert {alert}"),
        HoldCause::Blind { signals } => {
            let names: Vec<_> = signals.iter().map(|name| name.as_str()).collect();
            format!("blind ({})", names.join(", "))
        }
        HoldCause::Freeze { reason, .. } => format!("freeze ({reason})"),
    }
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Person { by, why } => format!("{by}: {why}"),
        Cause::Verdict(verdict) => verdict.reason.clone(),
        Cause::Rehearsal(trigger) => trigger.in_words(),
        Cause::Alert { alert, .. } => format!("the alert {alert}"),
        Cause::CandidateDied => "the candidate died".to_owned(),
        Cause::StageFailed { reason } => reason.clone(),
    }
}

/// What `status` says, in a few lines.
pub(super) fn status(status: &Status, start: Timestamp) -> Vec<String> {
    let mut lines = vec![status.headline.clone()];
    lines.extend(status.waiting.iter().map(|waiting| format!("  waits  {}; {}", waiting.why, waiting.until)));
    let clock = &status.clock;
    let instants = [
        ("harm began", clock.harm_began),
        ("detected", clock.detected),
        ("acknowledged", clock.acknowledged),
        ("decided", clock.decided),
        ("first action", clock.first_action),
        ("bleeding stopped", clock.bleeding_stopped),
        ("verified recovered", clock.verified_recovered),
        ("all clear", clock.all_clear),
    ];
    lines.extend(
        instants
            .into_iter()
            .filter_map(|(name, at)| Some(format!("  clock  {name} +{}", offset(at?, start)))),
    );
    lines.extend(status.next.iter().map(|next| format!("  next   {next}")));
    lines
}

/// `1 min 4 s`, with tenths below a minute.
pub(super) fn offset(at: Timestamp, start: Timestamp) -> String {
    let elapsed: Duration = at.since(start);
    format!("{:.1} s", elapsed.as_secs_f64())
}

/// A paper in one line; papers that no script makes are left out.
pub(super) fn paper(fact: &str, start: Timestamp) -> Option<String> {
    let paper: Paper = serde_json::from_str(fact).expect("the conductor wrote it");
    let Paper::FreezeExcepted(exception) = paper else { return None };
    Some(format!("excepted from freezes until +{}", offset(exception.expires, start).trim()))
}
