//! The status of a release: the answer, why, the clock, what it waits for, what to type next.

use ripcord_engine::{
    BackStepState, Cause, CheckStatus, IncidentClock, PhaseName, SignalStatus, StageState, StageStatus,
    Status, Waiting,
};
use ripcord_model::{Duration, Share};

use super::{
    event,
    layout::{Rows, WIDTH, unbroken, wrap},
    look::{Look, Tone},
    postmortem, words,
};

/// Everything worth saying about a release.
pub fn status(status: &Status, look: &Look) -> String {
    let tone = if status.waiting.iter().any(is_hold) { Tone::Warning } else { Tone::of_phase(status.phase) };
    let mut text = String::new();
    for line in wrap(&status.headline, WIDTH) {
        text.push_str(&look.paint(tone, &line));
        text.push('\n');
    }
    text.push('\n');
    let mut rows = Rows::new(look);
    cause(&mut rows, status);
    clock(&mut rows, status, look);
    way_back(&mut rows, status);
    stages(&mut rows, status);
    signals(&mut rows, status);
    gate(&mut rows, status);
    confirmed(&mut rows, status);
    warnings(&mut rows, status);
    accepted(&mut rows, status, look);
    for waiting in &status.waiting {
        rows.row("waiting", &format!("{}; {}", waiting.why, waiting.until));
    }
    next(&mut rows, status);
    text.push_str(&rows.finish());
    text
}

const fn is_hold(waiting: &Waiting) -> bool {
    matches!(waiting.on, ripcord_engine::WaitingOn::Hold { .. })
}

fn cause(rows: &mut Rows<'_>, status: &Status) {
    let Some(cause) = &status.cause else { return };
    rows.row("why", &event::cause(cause));
    if let Cause::Verdict(verdict) = cause
        && let (Some(log_e), Some(threshold)) = (verdict.log_e, verdict.threshold)
    {
        let (seen, accepted) = (words::one_in(log_e), words::one_in(threshold + 1e-9));
        rows.row(
            "why",
            &format!("chance of so strong a sign by accident: under {seen}; you accepted {accepted}"),
        );
    }
}

/// The instants of an incident in their order, with their names.
pub fn clock_points(clock: &IncidentClock) -> Vec<(&'static str, ripcord_model::Timestamp)> {
    let points = [
        ("harm began", clock.harm_began),
        ("noticed", clock.detected),
        ("acknowledged", clock.acknowledged),
        ("decided", clock.decided),
        ("first action", clock.first_action),
        ("bleeding stopped", clock.bleeding_stopped),
        ("recovery verified", clock.verified_recovered),
        ("all clear", clock.all_clear),
    ];
    points.into_iter().filter_map(|(name, at)| at.map(|at| (name, at))).collect()
}

fn clock(rows: &mut Rows<'_>, status: &Status, look: &Look) {
    let points = clock_points(&status.clock);
    let Some((first_name, origin)) = points.first().copied() else { return };
    let zone = look.zone_name(origin);
    let mut parts = vec![format!("{first_name} {} {zone}", look.time_of_day(origin))];
    parts.extend(points.iter().skip(1).map(|(name, at)| format!("{name} {}", words::offset(*at, origin))));
    if status.clock.all_clear.is_none() && !status.phase.is_final() {
        parts.push(format!("now {}", words::offset(status.now, origin)));
    }
    rows.row("clock", &joined(&parts));
}

/// Joins with ` · ` such that a part is never broken inside.
fn joined(parts: &[String]) -> String {
    const WIDTH_OF_TEXT: usize = WIDTH - 13;
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 3 + part.chars().count() <= WIDTH_OF_TEXT => {
                line.push_str(" · ");
                line.push_str(part);
            }
            Some(_) | None => lines.push(part.clone()),
        }
    }
    lines.join("\n")
}

/// How long the way back takes, as far as a rehearsal has shown.
fn confirmed(rows: &mut Rows<'_>, status: &Status) {
    let Some(confirmed) = &status.confirmed else { return };
    let until = confirmed.until.map(|until| format!(", counts until {}", until.day_and_month()));
    let (took, on) = (confirmed.took.human(), confirmed.at.day_and_month());
    rows.row("confirmed", &format!("{took} in rehearsal on {on}{}", until.unwrap_or_default()));
}

/// What to mind about plans that are no releases yet.
pub fn warnings_of_plans<'a>(warnings: impl Iterator<Item = &'a String>, look: &Look) -> String {
    let mut text = String::new();
    for line in warnings.flat_map(|warning| wrap(&format!("mind: {warning}"), WIDTH)) {
        text.push_str(&format!("\n{}", look.paint(Tone::Warning, &line)));
    }
    if text.is_empty() { text } else { format!("{text}\n") }
}

/// What to mind beside everything else.
fn warnings(rows: &mut Rows<'_>, status: &Status) {
    for warning in &status.warnings {
        rows.painted("mind", warning, Some(Tone::Warning));
    }
}

/// What people have accepted, and what is owed for it.
fn accepted(rows: &mut Rows<'_>, status: &Status, look: &Look) {
    if let Some(until) = status.despite_freeze {
        rows.painted("freeze", &format!("excepted until {}", look.full(until)), Some(Tone::Warning));
    }
    for owed in &status.postmortems {
        let tone = if owed.overdue { Tone::Alarm } else { Tone::Warning };
        rows.painted("owed", &postmortem::owed(owed, status.now), Some(tone));
    }
}

fn way_back(rows: &mut Rows<'_>, status: &Status) {
    for step in &status.back {
        let budget = Duration::from_ms(step.budget_ms).human();
        let took = match (step.started, step.ended) {
            (Some(started), Some(ended)) => format!("{} of {budget}", ended.since(started).human()),
            (Some(started), None) => format!("{} of {budget}", status.now.since(started).human()),
            (None, _) => format!("may take {budget}"),
        };
        let (word, tone) = match step.state {
            BackStepState::Waiting => ("waiting", None),
            BackStepState::Approval => ("needs approval", Some(Tone::Warning)),
            BackStepState::Running => ("running", Some(Tone::Bad)),
            BackStepState::Done => ("done", Some(Tone::Good)),
            BackStepState::Skipped => ("skipped", Some(Tone::Warning)),
            BackStepState::Failed => ("FAILED", Some(Tone::Alarm)),
        };
        let line = format!("{:<22} {:<10} {:<15} {took}", step.id, step.level.word(), word);
        rows.painted("way back", &unbroken(&line), tone);
    }
}

fn stages(rows: &mut Rows<'_>, status: &Status) {
    let moving = matches!(
        status.phase,
        PhaseName::Planned
            | PhaseName::Staging
            | PhaseName::Gating
            | PhaseName::Releasing
            | PhaseName::Verifying
    );
    if !moving {
        return;
    }
    let parts: Vec<String> = status.stages.iter().map(one_stage).collect();
    rows.row("stages", &joined(&parts));
}

fn one_stage(stage: &StageStatus) -> String {
    let share = words::share(stage.share);
    match stage.state {
        StageState::Waiting => share,
        StageState::Applying => format!("{share} applying"),
        StageState::Done => format!("{share} done"),
        StageState::Ready => format!("{share} ready"),
        StageState::Baking => {
            let elapsed = Duration::from_ms(stage.elapsed_ms).human();
            let dwell = Duration::from_ms(stage.dwell_ms).human();
            format!("{share} baking {elapsed} of {dwell}, {}", exposure(stage))
        }
    }
}

/// How many requests the candidate answered in a stage, and of how many when that is not enough yet.
pub fn exposure(stage: &StageStatus) -> String {
    if stage.requests >= stage.min_requests {
        return words::counted(stage.requests, "request");
    }
    format!("{} of {}", words::thousands(stage.requests), words::counted(stage.min_requests, "request"))
}

fn signals(rows: &mut Rows<'_>, status: &Status) {
    let is_exposed = status.share != Share::ZERO || status.cause.is_some();
    // What was measured last says nothing about a release that is over.
    if !is_exposed || status.phase.is_final() {
        return;
    }
    for signal in &status.signals {
        one_signal(rows, signal, status);
    }
}

/// What evidence says of each of a signal's rules: how far it has come, or why it says nothing.
fn evidence(rows: &mut Rows<'_>, signal: &SignalStatus) {
    if let Some(why) = &signal.unusable {
        rows.painted("signals", &format!("not usable: {why}"), Some(Tone::Warning));
    }
    for rule in &signal.rules {
        let Some(detail) = &rule.detail else { continue };
        if let Some(why) = &detail.silent {
            rows.painted("signals", &format!("{}: {why}", rule.rule), Some(Tone::Quiet));
        } else if detail.distrusted {
            let text =
                format!("{}: distrusted, last good's own instances differ; it may hold only", rule.rule);
            rows.painted("signals", &text, Some(Tone::Warning));
        } else if let (Some(log_e), Some(threshold)) = (rule.log_e, rule.threshold) {
            let of = format!("evidence {:.1} of {threshold:.1}", log_e.max(0.0));
            let safe =
                detail.safety_log_e.zip(detail.safety_threshold).map_or_else(String::new, |(log_e, bar)| {
                    format!(", for safety {:.1} of {bar:.1}", log_e.max(0.0))
                });
            rows.painted("signals", &format!("{}: {of}{safe}", rule.rule), Some(Tone::Quiet));
        }
    }
}

fn one_signal(rows: &mut Rows<'_>, signal: &SignalStatus, status: &Status) {
    let number = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| words::value(value, signal.is_ratio))
    };
    let control = status.last_good.as_ref().map_or_else(|| "control".to_owned(), ToString::to_string);
    let violated: Vec<_> = signal.rules.iter().filter(|rule| rule.violated).collect();
    let (word, tone) = match (signal.blind, violated.is_empty()) {
        (true, _) => ("blind", Some(Tone::Warning)),
        (false, false) => ("beyond limits", Some(Tone::Bad)),
        (false, true) => ("within limits", None),
    };
    let (canary, control_value) = (number(signal.canary), number(signal.control));
    let values = format!(
        "{:<18} {canary:>8} on {}, {control_value:>8} on {control}   {word}",
        signal.name.as_str(),
        status.candidate
    );
    rows.painted("signals", &unbroken(&values), tone);
    evidence(rows, signal);
    if signal.blind {
        let heard = signal.last_data.map(|at| format!("last data {}", words::relative(at, status.now)));
        rows.painted("signals", &heard.unwrap_or_else(|| "has never said anything".to_owned()), tone);
    }
    for rule in violated {
        let lasting = rule
            .since
            .map_or_else(String::new, |at| format!(", violated for {}", status.now.since(at).human()));
        rows.painted("signals", &format!("{}: {}{lasting}", rule.leads_to, rule.rule), tone);
    }
}

fn gate(rows: &mut Rows<'_>, status: &Status) {
    if status.phase != PhaseName::Gating {
        return;
    }
    for check in status.gate.iter().filter(|check| !check.status.opens()) {
        let word = if check.status == CheckStatus::Fail { "FAIL" } else { "UNKNOWN" };
        rows.row("gate", &format!("{word} {}: {}", check.check, check.reason));
        if !check.fix.is_empty() {
            rows.row("gate", &format!("fix: {}", check.fix));
        }
    }
}

fn next(rows: &mut Rows<'_>, status: &Status) {
    if status.next.is_empty() {
        rows.row("next", "nothing to do");
    }
    for command in &status.next {
        rows.row("next", command);
    }
}

#[cfg(test)]
mod tests;
