//! The compiled plan: what to mind, stages, signals, what they can notice, the way back with its budgets, the hash.

mod amounts;
mod confirmed;
mod matrix;
pub mod power;
mod proposal;
mod warnings;

pub use matrix::matrix;

use ripcord_model::{
    SignalName,
    blueprint::{Blueprint, Matrix, Measure, Rule, Signal, WayBackAction},
};
use ripcord_power::Power;
use ripcord_server::rehearsal::ConfirmedTime;

use super::{
    layout::{Rows, table, unbroken},
    look::{Look, Tone},
    words,
};

/// Where the numbers come from that power was computed with.
#[derive(Debug, Clone, Default)]
pub struct NumbersInWords {
    /// Whether a person gave the traffic.
    pub traffic_given: bool,
    /// The signals whose base a person gave.
    pub given: Vec<SignalName>,
    /// How the rest was measured.
    pub how: Option<String>,
    /// What is rough about it.
    pub notes: Vec<String>,
}

/// The blueprint as a table, the answer first; with what it can notice, where that was asked for.
pub fn plan(
    blueprint: &Blueprint,
    reversibility: &Matrix,
    confirmed: Option<&ConfirmedTime>,
    seen: Option<(&Power, NumbersInWords)>,
    look: &Look,
) -> String {
    let last_good =
        blueprint.last_good.as_ref().map_or_else(|| "unknown".to_owned(), |good| good.version.to_string());
    let title = format!(
        "{}: {} of {}, back to {last_good} in {}",
        blueprint.release,
        blueprint.candidate.version,
        blueprint.service,
        blueprint.way_back.budget.human()
    );
    let mut text = format!("{}\n\n", look.paint(Tone::Strong, &title));
    let instances = seen.as_ref().and_then(|(power, _)| power.load.instances);
    let alone = ripcord_power::no_guard(blueprint, instances);
    let minded =
        seen.as_ref().map_or_else(|| alone.into_iter().collect(), |(power, _)| power.warnings.clone());
    text.push_str(&warnings::warnings(&minded, look));
    text.push_str(&people(blueprint, look));
    text.push('\n');
    text.push_str(&indented(&stages(blueprint), look));
    text.push('\n');
    text.push_str(&signals(blueprint, look));
    text.push('\n');
    match &seen {
        Some((power, numbers)) => text.push_str(&power::short(power, numbers, look)),
        None => text.push_str(&power_is_not_known(blueprint, look)),
    }
    text.push_str(&way_back(blueprint, look));
    text.push('\n');
    text.push_str(&matrix(reversibility, look));
    text.push('\n');
    let mut rows = Rows::new(look);
    if let Some(confirmed) = confirmed {
        confirmed::row(&mut rows, confirmed);
    }
    rows.row("blueprint", blueprint.hash().as_str());
    let can_be_rehearsed = confirmed.is_some_and(|confirmed| confirmed.standing.can_be_rehearsed());
    let verb = if can_be_rehearsed { "rehearse" } else { "gate" };
    rows.row("next", &format!("ripcord {verb} {}", blueprint.release));
    text.push_str(&rows.finish());
    text
}

fn people(blueprint: &Blueprint, look: &Look) -> String {
    let mut rows = Rows::new(look);
    let on_call = blueprint.on_call.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    let critical = if blueprint.critical_path { " · critical path" } else { "" };
    rows.row("people", &format!("owner {} · on call {on_call}{critical}", blueprint.owner));
    if !blueprint.approvers.is_empty() {
        let names: Vec<&str> = blueprint.approvers.iter().map(|person| person.as_str()).collect();
        rows.row("people", &format!("approvers {}", names.join(", ")));
    }
    for change in &blueprint.changes {
        let level =
            change.level.map_or_else(|| "one-way".to_owned(), |level| format!("back at level {level}"));
        rows.row("changes", &format!("{} ({}): {}; {level}", change.id, change.class.word(), change.summary));
    }
    rows.finish()
}

fn stages(blueprint: &Blueprint) -> Vec<String> {
    let rows: Vec<Vec<String>> = blueprint
        .stages
        .iter()
        .enumerate()
        .map(|(index, stage)| {
            let ends = match blueprint.last_stage().checked_sub(index) {
                Some(0) => "a person completes",
                Some(1) => "a person promotes",
                Some(_) | None => "by itself",
            };
            vec![
                (index + 1).to_string(),
                words::share(stage.share),
                stage.dwell.human(),
                words::thousands(stage.min_requests),
                ends.to_owned(),
            ]
        })
        .collect();
    table(&["stage", "share", "at least", "requests", "ends"], &rows, &[1, 2, 3])
}

fn signals(blueprint: &Blueprint, look: &Look) -> String {
    let mut rows = Rows::new(look);
    for signal in &blueprint.signals {
        rows.row("signals", &format!("{}: {}", signal.name, rules(signal)));
    }
    let blind = &blueprint.blind;
    let silence = format!("silent for {}: blind; blind for {}:", blind.after.human(), blind.deadline.human());
    let then = match blind.then {
        ripcord_model::blueprint::BlindAction::Rollback => "goes back",
        ripcord_model::blueprint::BlindAction::Ask => "asks a person",
    };
    rows.row("silence", &format!("{silence} {then}"));
    let percent = words::value(blueprint.false_rollback, true);
    rows.row("evidence", &format!("a good release is rolled back with a chance of at most {percent}"));
    rows.finish()
}

/// How to see what the stages can notice; nothing when no rule is decided by evidence.
fn power_is_not_known(blueprint: &Blueprint, look: &Look) -> String {
    let decided = |signal: &&Signal| {
        signal.rollback.iter().chain(&signal.contain).chain(&signal.hold).any(Rule::is_evidence)
    };
    if !blueprint.signals.iter().any(|signal| decided(&signal)) {
        return String::new();
    }
    let needs_base = |signal: &&Signal| match signal.measure {
        Measure::Ratio { .. } | Measure::Count { .. } => decided(signal),
        Measure::Success { .. } | Measure::Quantile { .. } | Measure::Gauge { .. } => false,
    };
    let base = blueprint.signals.iter().find(needs_base);
    let base = base.map_or_else(String::new, |signal| format!(" --base {}=1%", signal.name));
    let mut rows = Rows::new(look);
    let what = "what the stages can notice depends on the traffic. See it with:";
    rows.row("power", what);
    rows.row("power", &unbroken(&format!("ripcord plan {} --traffic 100/s{base}", blueprint.release)));
    rows.row("power", &unbroken(&format!("ripcord plan {} --measure", blueprint.release)));
    let mut text = rows.finish();
    text.push('\n');
    text
}

fn rules(signal: &Signal) -> String {
    let listed = |what: &str, rules: &[Rule]| {
        let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
        (!rules.is_empty()).then(|| format!("{what} {}", rules.join(" or ")))
    };
    let parts: Vec<String> =
        [listed("back", &signal.rollback), listed("contain", &signal.contain), listed("hold", &signal.hold)]
            .into_iter()
            .flatten()
            .collect();
    parts.join("; ")
}

fn way_back(blueprint: &Blueprint, look: &Look) -> String {
    let steps: Vec<Vec<String>> = blueprint
        .way_back
        .steps
        .iter()
        .map(|step| {
            let approval = if step.level.needs_approval() && step.action != WayBackAction::VerifyRecovery {
                "yes"
            } else {
                ""
            };
            vec![
                step.id.clone(),
                step.level.word().to_owned(),
                action(&step.action),
                step.budget.human(),
                approval.to_owned(),
            ]
        })
        .collect();
    let mut text =
        indented(&table(&["way back", "level", "makes true", "may take", "approval"], &steps, &[3]), look);
    let recovery = blueprint.way_back.recovery.human();
    text.push_str(&format!("  then recovery must be seen for {recovery}\n"));
    text
}

fn action(action: &WayBackAction) -> String {
    match action {
        WayBackAction::FlagOff { flag } => format!("{flag} off"),
        WayBackAction::TrafficToLastGood => "all traffic on last good".to_owned(),
        WayBackAction::WithdrawCandidate => "candidate stopped".to_owned(),
        WayBackAction::UndoMigration { change } => format!("{change} undone"),
        WayBackAction::RestoreData { change } => format!("{change} restored"),
        WayBackAction::VerifyRecovery => "recovery seen".to_owned(),
    }
}

fn indented(lines: &[String], look: &Look) -> String {
    let mut text = String::new();
    for (position, line) in lines.iter().enumerate() {
        let line = if position == 0 { look.paint(Tone::Quiet, line) } else { line.clone() };
        text.push_str(&format!("  {line}\n"));
    }
    text
}

#[cfg(test)]
mod tests;
