//! One sentence per fact, for the ledger and for progress.

use ripcord_engine::{Cause, CheckResult, Desired, Event, HoldCause, Notice, ReadBack, Verdict, VerdictKind};
use ripcord_model::SignalName;

use super::{
    look::{Look, Tone},
    words,
};

/// What happened, in one sentence without its subject. `look` gives the zone of instants.
pub fn sentence(event: &Event, look: &Look) -> String {
    match event {
        Event::Created { hash, blueprint, first_generation: _ } => {
            format!(
                "created: {} of {}, blueprint {}",
                blueprint.candidate.version,
                blueprint.service,
                hash.short()
            )
        }
        Event::Shipped => "shipped".to_owned(),
        Event::StagingSkipped => "not tried in staging first".to_owned(),
        Event::StagingPassed => "ran and answered in staging".to_owned(),
        Event::StagingFailed { reason } => format!("failed in staging: {reason}"),
        Event::GateOpened { checks } => {
            format!("gate open: {}", words::counted(checks.len() as u64, "check"))
        }
        Event::GateBlocked { checks } => gate_blocked(checks),
        Event::Intended { effect } => format!("intends #{}: {}", effect.generation, desired(&effect.desired)),
        Event::Repeated { generation, attempt } => format!("tries #{generation} again (attempt {attempt})"),
        Event::Achieved { generation, read_back } => format!("#{generation} in force{}", seen(read_back)),
        Event::EffectFailed { generation, reason, retry_at } => {
            let then = retry_at.map_or_else(String::new, |at| format!("; again at {}", look.time_of_day(at)));
            format!("#{generation} failed: {reason}{then}")
        }
        Event::StageEntered { stage } => format!("stage {} begins", stage + 1),
        Event::StageBaking { stage } => format!("stage {}: share in force, baking", stage + 1),
        Event::StageInterrupted { stage } => {
            format!("stage {} interrupted: last good died and is started again", stage + 1)
        }
        Event::StageReady { stage } => format!("stage {} is ready", stage + 1),
        Event::Verifying => "all traffic on the candidate; validating".to_owned(),
        Event::Promoted { why, without } if without.is_empty() => reasoned("promoted", why),
        Event::Promoted { why, without } => {
            reasoned(&format!("promoted without evidence from {}", names(without)), why)
        }
        Event::Held { cause } => format!("held: {}", hold(cause, look)),
        Event::HoldLifted { cause } => format!("hold lifted: {}", hold(cause, look)),
        Event::Judged { verdict } => judged(verdict),
        Event::ContainDecided { cause } => format!("containing: {}", self::cause(cause)),
        Event::Contained => "contained: the bleeding has stopped".to_owned(),
        Event::RollbackDecided { cause, level } => {
            format!("going back at level {level}: {}", self::cause(cause))
        }
        Event::BackStepStarted { step } => format!("way back: {step} begins"),
        Event::BackStepDone { step } => format!("way back: {step} done"),
        Event::BackStepApproved { step } => format!("way back: {step} approved"),
        Event::BackStepPostponed { step, reason } => format!("way back: {step} comes later: {reason}"),
        Event::BackStepSkipped { step, why } => format!("way back: {step} skipped: {why}"),
        Event::BleedingStopped => "bleeding stopped: no traffic on the candidate, read back".to_owned(),
        Event::RecoveryVerified { silent } => recovery(silent),
        Event::RolledBack => "rolled back".to_owned(),
        Event::Stuck { step, reason, offers } => {
            let offers: Vec<&str> = offers.iter().map(|level| level.word()).collect();
            let offered =
                if offers.is_empty() { String::new() } else { format!("; offers {}", offers.join(", ")) };
            format!("stuck at {step}: {reason}{offered}")
        }
        Event::RehearsalSettled => "last good has been watched; the candidate comes".to_owned(),
        Event::RehearsalInterrupted => "rehearsal interrupted; it cannot be confirmed any more".to_owned(),
        Event::Rehearsed { result } => match &result.failed {
            None => format!("rehearsed: confirmed {}", result.took.human()),
            Some(reason) => format!("rehearsal failed: {reason}"),
        },
        Event::DespiteFreeze { why, until } => {
            reasoned(&format!("goes on despite freezes until {}", look.time_of_day(*until)), why)
        }
        Event::Acknowledged => "acknowledged".to_owned(),
        Event::Completed { why } => reasoned("complete", why),
        Event::Cancelled { why } => reasoned("cancelled", why),
        Event::SegmentClosed { first_seq, last_seq, digest } => {
            format!("observations {first_seq} to {last_seq} sealed: {}", digest.get(..12).unwrap_or(digest))
        }
        Event::OfflineRollback { journal } => {
            format!(
                "offline rollback taken into the record: {}",
                words::counted(journal.len() as u64, "line")
            )
        }
    }
}

/// The weight of a fact, as a colour.
pub const fn tone(event: &Event) -> Tone {
    match event {
        Event::Intended { .. }
        | Event::Repeated { .. }
        | Event::Achieved { .. }
        | Event::SegmentClosed { .. } => Tone::Quiet,
        Event::Rehearsed { result } if result.failed.is_some() => Tone::Bad,
        Event::Rehearsed { .. } => Tone::Good,
        Event::RehearsalInterrupted => Tone::Bad,
        Event::GateOpened { .. }
        | Event::StagingPassed
        | Event::StageInterrupted { .. }
        | Event::StageReady { .. }
        | Event::Completed { .. }
        | Event::HoldLifted { .. }
        | Event::RecoveryVerified { .. } => Tone::Good,
        Event::GateBlocked { .. }
        | Event::Held { .. }
        | Event::Contained
        | Event::BackStepPostponed { .. }
        | Event::BackStepSkipped { .. }
        | Event::Cancelled { .. } => Tone::Warning,
        Event::StagingFailed { .. }
        | Event::EffectFailed { .. }
        | Event::ContainDecided { .. }
        | Event::RollbackDecided { .. } => Tone::Bad,
        Event::Stuck { .. } => Tone::Alarm,
        Event::BleedingStopped | Event::RolledBack | Event::OfflineRollback { .. } => Tone::Calm,
        Event::Created { .. }
        | Event::Shipped
        | Event::StagingSkipped
        | Event::RehearsalSettled
        | Event::StageEntered { .. }
        | Event::StageBaking { .. }
        | Event::Verifying
        | Event::Promoted { .. }
        | Event::Judged { .. }
        | Event::BackStepStarted { .. }
        | Event::BackStepDone { .. }
        | Event::BackStepApproved { .. }
        | Event::DespiteFreeze { .. }
        | Event::Acknowledged => Tone::Strong,
    }
}

/// Whether a person who follows a release wants to read it; the rest is bookkeeping.
pub const fn is_news(event: &Event) -> bool {
    !matches!(tone(event), Tone::Quiet)
}

/// Why a release is contained or goes back.
pub fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Person { by, why } => format!("{by}: {why}"),
        Cause::Verdict(verdict) => signal_and_reason(verdict),
        Cause::Rehearsal(trigger) => trigger.in_words(),
        Cause::Alert { alert, since } => format!("the alert {alert} fires since {}", since.time_of_day()),
        Cause::CandidateDied => "no instance of the candidate runs any more".to_owned(),
        Cause::StageFailed { reason } => format!("the stage could not be put in force: {reason}"),
    }
}

/// Why forward motion stops.
pub fn hold(cause: &HoldCause, look: &Look) -> String {
    match cause {
        HoldCause::Person { why } => why.clone(),
        HoldCause::Rule { signal, rule } => format!("{signal} {rule}"),
        HoldCause::Distrusted { signal } => format!("{signal} seems worse and cannot be trusted"),
        HoldCause::Alert { alert, .. } => format!("the alert {alert} fires"),
        HoldCause::Blind { signals } => format!("no data from {}", names(signals)),
        HoldCause::Freeze { reason, until } => format!("freeze until {}: {reason}", look.full(*until)),
    }
}

/// The signal's name and the numbers.
pub fn signal_and_reason(verdict: &Verdict) -> String {
    let Some(signal) = &verdict.signal else { return verdict.reason.clone() };
    let spoken = signal.as_str().replace('-', " ");
    let says_it = verdict.reason.starts_with(signal.as_str()) || verdict.reason.starts_with(&spoken);
    if says_it { verdict.reason.clone() } else { format!("{signal} {}", verdict.reason) }
}

/// A desired state in a few words.
pub fn desired(desired: &Desired) -> String {
    match desired {
        Desired::Workload { place, running } => {
            let versions: Vec<&str> = running.iter().map(|artifact| artifact.version.as_str()).collect();
            let versions = if versions.is_empty() { "nothing".to_owned() } else { versions.join(", ") };
            format!("{versions} running in {place:?}").to_lowercase()
        }
        Desired::Traffic { place, weights } => {
            format!("traffic in {}: {weights}", format!("{place:?}").to_lowercase())
        }
        Desired::Flag { place: _, flag, on } => format!("flag {flag} {}", if *on { "on" } else { "off" }),
        Desired::Gate => "the gate answered".to_owned(),
        Desired::Look { place } => format!("{place:?} read back").to_lowercase(),
        Desired::Fault { command, .. } => format!("broken on purpose: {command}"),
        Desired::Probe { place: _, version } => format!("{version} answers its probes"),
        Desired::UndoMigration { change } => format!("migrations of {change} undone"),
        Desired::RestoreData { change } => format!("data of {change} restored"),
        Desired::Notice(Notice { text, .. }) => format!("people told: {text}"),
    }
}

fn seen(read_back: &ReadBack) -> String {
    match read_back {
        ReadBack::Workload(instances) => {
            let running: Vec<String> = instances
                .iter()
                .map(|instance| format!("{} at {}", instance.version, instance.address))
                .collect();
            if running.is_empty() { ": nothing runs".to_owned() } else { format!(": {}", running.join(", ")) }
        }
        ReadBack::Traffic(weights) => format!(": traffic {weights}"),
        ReadBack::Flag { on } => format!(": flag {}", if *on { "on" } else { "off" }),
        ReadBack::Gate(checks) => format!(": {}", words::counted(checks.len() as u64, "check")),
        ReadBack::Look(look) => format!(": traffic {}", look.weights),
        ReadBack::Nothing => String::new(),
    }
}

fn gate_blocked(checks: &[CheckResult]) -> String {
    let blocking: Vec<&str> =
        checks.iter().filter(|check| !check.status.opens()).map(|check| check.check.as_str()).collect();
    format!("gate blocked: {}", blocking.join(", "))
}

fn judged(verdict: &Verdict) -> String {
    let word = match verdict.kind {
        VerdictKind::Advance => "advance",
        VerdictKind::Hold => "hold",
        VerdictKind::Contain => "contain",
        VerdictKind::Rollback => "go back",
        VerdictKind::Blind => "blind",
    };
    format!("verdict {word}: {}", signal_and_reason(verdict))
}

fn recovery(silent: &[SignalName]) -> String {
    if silent.is_empty() {
        return "recovery verified".to_owned();
    }
    format!("recovery verified, but nothing was heard of {}", names(silent))
}

fn names(signals: &[SignalName]) -> String {
    signals.iter().map(SignalName::as_str).collect::<Vec<_>>().join(", ")
}

fn reasoned(what: &str, why: &str) -> String {
    if why.is_empty() { what.to_owned() } else { format!("{what}: {why}") }
}
