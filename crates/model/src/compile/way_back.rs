//! The way back, step by step: stop the bleeding, withdraw, undo what needs approval, verify.

use super::defaults;
use crate::{
    Duration, Level, PlanFile,
    blueprint::{Environment, RouterBinding, WayBack, WayBackAction, WayBackStep, WorkloadBinding},
    plan::ChangeEntry,
};

/// The way back of a plan. Traffic is always part of it.
pub(super) fn compile(plan: &PlanFile, production: &Environment) -> WayBack {
    let recovery = plan.recovery.map_or(defaults::RECOVERY, |recovery| recovery.value);
    let highest = plan.changes.iter().filter_map(|change| change.level()).map(|level| level.value).max();
    let level = highest.map_or(Level::Deploy, |level| level.max(Level::Deploy));
    let mut steps = flag_steps(plan);
    steps.push(traffic_step(plan, production));
    steps.push(withdraw_step(production));
    steps.extend(deep_steps(plan, Level::Migration));
    steps.extend(deep_steps(plan, Level::Data));
    steps.push(WayBackStep {
        id: "recovery".to_owned(),
        level,
        action: WayBackAction::VerifyRecovery,
        budget: plus(recovery, defaults::RECOVERY_SLACK),
        stops_bleeding: false,
    });
    let budget = steps.iter().fold(Duration::ZERO, |sum, step| plus(sum, step.budget));
    WayBack { level, budget, recovery, steps }
}

/// One step per flag, however many changes it switches; the shortest of their budgets holds.
fn flag_steps(plan: &PlanFile) -> Vec<WayBackStep> {
    let mut steps: Vec<WayBackStep> = Vec::new();
    for change in at_level(plan, Level::Flag) {
        let Some(flag) = change.back.as_ref().and_then(|back| back.flag.as_ref()) else { continue };
        let action = WayBackAction::FlagOff { flag: flag.value.clone() };
        let budget = defaults::budget(change, Level::Flag);
        match steps.iter_mut().find(|step| step.action == action) {
            Some(step) => step.budget = step.budget.min(budget),
            None => {
                let id = format!("flag-{}", flag.value);
                steps.push(WayBackStep { id, level: Level::Flag, action, budget, stops_bleeding: true });
            }
        }
    }
    steps
}

/// Traffic is on last good as fast as the most urgent change at level deploy demands.
fn traffic_step(plan: &PlanFile, production: &Environment) -> WayBackStep {
    let written = at_level(plan, Level::Deploy).map(|change| defaults::budget(change, Level::Deploy)).min();
    // A router that drains still answers for the withdrawn version while it does.
    let default = plus(defaults::TRAFFIC, drain(production));
    WayBackStep {
        id: "traffic".to_owned(),
        level: Level::Deploy,
        action: WayBackAction::TrafficToLastGood,
        budget: written.map_or(default, |written| written.min(default)),
        stops_bleeding: true,
    }
}

fn withdraw_step(production: &Environment) -> WayBackStep {
    let stopping = match &production.workload {
        WorkloadBinding::Process(process) => process.grace,
        WorkloadBinding::Command(command) => command.timeout,
    };
    WayBackStep {
        id: "withdraw".to_owned(),
        level: Level::Deploy,
        action: WayBackAction::WithdrawCandidate,
        budget: plus(plus(drain(production), stopping), defaults::WITHDRAW_SLACK),
        stops_bleeding: false,
    }
}

fn deep_steps(plan: &PlanFile, level: Level) -> impl Iterator<Item = WayBackStep> {
    // Last made, first undone.
    let changes: Vec<&ChangeEntry> = at_level(plan, level).collect();
    changes.into_iter().rev().map(move |change| {
        let name = change.id.value.clone();
        let (id, action) = if level == Level::Migration {
            (format!("migration-{name}"), WayBackAction::UndoMigration { change: name })
        } else {
            (format!("data-{name}"), WayBackAction::RestoreData { change: name })
        };
        WayBackStep { id, level, action, budget: defaults::budget(change, level), stops_bleeding: false }
    })
}

fn at_level(plan: &PlanFile, level: Level) -> impl Iterator<Item = &ChangeEntry> {
    plan.changes.iter().filter(move |change| change.level().is_some_and(|written| written.value == level))
}

fn drain(environment: &Environment) -> Duration {
    match &environment.router {
        RouterBinding::Edge(edge) => edge.drain,
        RouterBinding::Nginx(nginx) => nginx.drain,
    }
}

fn plus(one: Duration, other: Duration) -> Duration {
    Duration::from_ms(one.as_ms().saturating_add(other.as_ms()))
}
