//! What each frame opens to.

use ripcord_engine::{BackStepState, CheckStatus, StageState, Status};
use ripcord_model::{
    Duration, Reversibility,
    blueprint::{Blueprint, WayBackAction, WayBackStep},
};

use crate::{
    look::{Mark, State},
    words,
};

/// One change of the plan.
#[derive(Debug, Clone)]
pub(super) struct ChangeRow {
    pub(super) id: String,
    pub(super) class: &'static str,
    pub(super) summary: String,
    pub(super) reversibility: &'static str,
    pub(super) level: &'static str,
    pub(super) budget: String,
    pub(super) owner: String,
    pub(super) containment: String,
}

pub(super) fn changes(blueprint: &Blueprint) -> Vec<ChangeRow> {
    let row = |change: &ripcord_model::blueprint::Change| ChangeRow {
        id: change.id.clone(),
        class: change.class.word(),
        summary: change.summary.clone(),
        reversibility: match change.reversibility {
            Reversibility::Reversible => "reversible",
            Reversibility::Partial => "partial",
            Reversibility::OneWay => "one-way",
        },
        level: change.level.map_or("none", ripcord_model::Level::word),
        budget: change.budget.map_or_else(|| "–".to_owned(), Duration::human),
        owner: change.owner.to_string(),
        containment: change.contain.clone().unwrap_or_default(),
    };
    blueprint.changes.iter().map(row).collect()
}

/// One stage.
#[derive(Debug, Clone)]
pub(super) struct StageRow {
    pub(super) share: String,
    pub(super) words: String,
    /// Out of 100.
    pub(super) part: u64,
    pub(super) class: &'static str,
}

pub(super) fn stages(status: &Status, blueprint: &Blueprint) -> Vec<StageRow> {
    let last = blueprint.last_stage();
    let row = |(index, stage): (usize, &ripcord_engine::StageStatus)| {
        let dwell = Duration::from_ms(stage.dwell_ms).human();
        let elapsed = Duration::from_ms(stage.elapsed_ms).human();
        let (state, text) = match stage.state {
            StageState::Waiting if stage.baking_since.is_some() => {
                (State::Restored, format!("taken back after {elapsed} of {dwell}"))
            }
            StageState::Waiting if index == last => (State::Waiting, format!("{dwell} of validation")),
            StageState::Waiting => (State::Waiting, format!("at least {dwell}")),
            StageState::Applying => (State::Advancing, "its share is being put in force".to_owned()),
            StageState::Baking => (State::Advancing, format!("{elapsed} of {dwell}, {}", exposure(stage))),
            StageState::Ready => (State::Advancing, format!("ready after {elapsed}, {}", exposure(stage))),
            StageState::Done => (State::Complete, format!("done in {elapsed}, {}", exposure(stage))),
        };
        let part = match stage.state {
            StageState::Done | StageState::Ready => 100,
            StageState::Waiting | StageState::Applying | StageState::Baking => {
                (stage.elapsed_ms.saturating_mul(100) / stage.dwell_ms.max(1)).min(100)
            }
        };
        StageRow { share: words::share(stage.share), words: text, part, class: state.class() }
    };
    status.stages.iter().enumerate().map(row).collect()
}

fn exposure(stage: &ripcord_engine::StageStatus) -> String {
    if stage.requests >= stage.min_requests {
        return words::counted(stage.requests, "request");
    }
    format!("{} of {}", words::thousands(stage.requests), words::counted(stage.min_requests, "request"))
}

/// One signal.
#[derive(Debug, Clone)]
pub(super) struct SignalRow {
    pub(super) name: String,
    pub(super) harm: &'static str,
    pub(super) canary: String,
    pub(super) control: String,
    pub(super) mark: Mark,
    pub(super) notes: Vec<String>,
}

pub(super) fn signals(status: &Status) -> Vec<SignalRow> {
    status.signals.iter().map(|signal| signal_row(signal, status)).collect()
}

fn signal_row(signal: &ripcord_engine::SignalStatus, status: &Status) -> SignalRow {
    use ripcord_model::blueprint::Harm;
    let violated = signal.rules.iter().any(|rule| rule.violated);
    let mark = match (signal.blind, violated, signal.last_data.is_some()) {
        (true, _, _) => State::Blind.into(),
        (false, true, _) => Mark { state: State::Back, word: "beyond limits" },
        (false, false, true) => Mark { state: State::Complete, word: "within limits" },
        (false, false, false) => Mark { state: State::Waiting, word: "not heard yet" },
    };
    let mut notes: Vec<String> = signal.unusable.iter().map(|why| format!("not usable: {why}")).collect();
    if signal.blind {
        notes.push(signal.last_data.map_or_else(
            || "has never said anything".to_owned(),
            |at| format!("last data {}", words::relative(at, status.now)),
        ));
    }
    for rule in &signal.rules {
        if rule.violated {
            let lasting = rule
                .since
                .map_or_else(String::new, |at| format!(", violated for {}", status.now.since(at).human()));
            notes.push(format!("{}: {}{lasting}", rule.leads_to, rule.rule));
        }
        if let Some(detail) = &rule.detail {
            if let Some(silent) = &detail.silent {
                notes.push(format!("{}: {silent}", rule.rule));
            } else if detail.distrusted {
                notes.push(format!(
                    "{}: distrusted, last good's own instances differ; it may hold only",
                    rule.rule
                ));
            }
        }
    }
    SignalRow {
        name: signal.name.to_string(),
        harm: match signal.harm {
            Harm::User => "user",
            Harm::System => "system",
            Harm::Business => "business",
        },
        canary: words::value_or_none(signal.canary, signal.is_ratio),
        control: words::value_or_none(signal.control, signal.is_ratio),
        mark,
        notes,
    }
}

/// One step of the way back.
#[derive(Debug, Clone)]
pub(super) struct BackRow {
    pub(super) id: String,
    pub(super) does: String,
    pub(super) level: &'static str,
    pub(super) mark: Mark,
    pub(super) time: String,
}

/// As it is being walked, otherwise as it would be.
pub(super) fn back(status: &Status, blueprint: &Blueprint) -> Vec<BackRow> {
    let steps = &blueprint.way_back.steps;
    if status.back.is_empty() {
        let row = |step: &WayBackStep| BackRow {
            id: step.id.clone(),
            does: does(&step.action),
            level: step.level.word(),
            mark: Mark { state: State::Waiting, word: "ready" },
            time: format!("may take {}", step.budget.human()),
        };
        return steps.iter().map(row).collect();
    }
    let row = |step: &ripcord_engine::BackStepStatus| {
        let budget = Duration::from_ms(step.budget_ms).human();
        let time = match (step.started, step.ended) {
            (Some(started), Some(ended)) => format!("{} of {budget}", ended.since(started).human()),
            (Some(started), None) => format!("{} of {budget}", status.now.since(started).human()),
            (None, _) => format!("may take {budget}"),
        };
        let mark = match step.state {
            BackStepState::Waiting => Mark { state: State::Waiting, word: "waiting" },
            BackStepState::Approval => Mark { state: State::Held, word: "needs approval" },
            BackStepState::Running => Mark { state: State::Back, word: "running" },
            BackStepState::Done => Mark { state: State::Complete, word: "done" },
            BackStepState::Skipped => Mark { state: State::Held, word: "skipped" },
            BackStepState::Failed => Mark { state: State::Stuck, word: "failed" },
        };
        let planned = steps.iter().find(|planned| planned.id == step.id);
        let does = planned.map(|planned| does(&planned.action)).unwrap_or_default();
        BackRow { id: step.id.clone(), does, level: step.level.word(), mark, time }
    };
    status.back.iter().map(row).collect()
}

fn does(action: &WayBackAction) -> String {
    match action {
        WayBackAction::FlagOff { flag } => format!("the flag {flag} is off"),
        WayBackAction::TrafficToLastGood => "all traffic to last good, read back from the router".to_owned(),
        WayBackAction::WithdrawCandidate => "the new version is taken down".to_owned(),
        WayBackAction::UndoMigration { change } => format!("the migrations of {change} are undone"),
        WayBackAction::RestoreData { change } => format!("the data of {change} is restored"),
        WayBackAction::VerifyRecovery => "probes pass and the signals are within their limits".to_owned(),
    }
}

/// The contract in short.
pub(super) fn facts(status: &Status, blueprint: &Blueprint) -> Vec<(&'static str, String)> {
    let names = |people: &[ripcord_model::Person]| {
        people.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let mut facts = vec![
        ("owner", blueprint.owner.to_string()),
        ("on call", blueprint.on_call.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string)),
    ];
    if !blueprint.approvers.is_empty() {
        facts.push(("approvers", names(&blueprint.approvers)));
    }
    if blueprint.critical_path {
        facts.push(("critical path", "yes: the service is lost when it fails".to_owned()));
    }
    let accepted = (blueprint.false_rollback * 1e6).round() / 1e4;
    facts.push(("chance of going back for nothing", format!("{accepted} %, accepted by its owner")));
    facts.push(("blueprint", status.blueprint.clone()));
    facts
}

/// What sends it back, contains or holds it, rule by rule.
pub(super) fn triggers(blueprint: &Blueprint) -> Vec<String> {
    let mut triggers = Vec::new();
    for signal in &blueprint.signals {
        let kinds =
            [("goes back", &signal.rollback), ("is contained", &signal.contain), ("is held", &signal.hold)];
        for (verb, rules) in kinds {
            triggers.extend(rules.iter().map(|rule| format!("{verb} when {} is {rule}", signal.name)));
        }
    }
    triggers
}

/// Checks that keep the gate closed: name and reason, what to do, whose it is.
pub(super) fn blocking(status: &Status) -> Vec<(String, String, String)> {
    let blocks = |status: CheckStatus| !status.opens();
    let checks = status.gate.iter().filter(|check| blocks(check.status));
    checks
        .map(|check| (format!("{}: {}", check.check, check.reason), check.fix.clone(), check.owner.clone()))
        .collect()
}
