//! From plan to blueprint: every choice made.
//!
//! Owns: the defaults of a plan, the presets of stages, the order of the way back. Refuses to know: the file system
//! and what ran before; both are handed in.
//!
//! Invariant: the same files and the same context give the same bytes.

mod comms;
mod defaults;
mod evidence;
mod paperwork;
mod signals;
pub(crate) mod stages;
mod way_back;

#[cfg(test)]
mod paperwork_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::{
    Person, PlanFile, ServiceFile, VersionName,
    blueprint::{Artifact, Blueprint, Change, FORMAT, MessageTemplate},
    diagnostic::{Code, Diagnostic, Diagnostics},
    lint,
    plan::ChangeEntry,
};

pub(crate) use defaults::{blind, contain, false_rollback};
pub(crate) use evidence::warm_up;
pub(crate) use paperwork::approvals;

/// What the compiler needs to know and no file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompileContext {
    /// What runs now, as Ripcord saw it last; the plan's own `last_good` goes before it.
    pub last_good: Option<Artifact>,
    /// SHA-256 of the files compiled from, by path, lower-case hex.
    pub sources: BTreeMap<String, String>,
    /// The version of Ripcord that compiles.
    pub ripcord_version: String,
    /// Texts of messages from the files that the plan names and from the release's runbook.
    pub templates: Vec<MessageTemplate>,
}

/// The blueprint of a plan. The error lists what keeps it from being one: lint's errors, and what only shows here.
pub fn compile(
    service: &ServiceFile,
    plan: &PlanFile,
    context: &CompileContext,
) -> Result<Blueprint, Diagnostics> {
    let mut found = lint::lint_service(service);
    found.append(lint::lint_plan(service, plan));
    let last_good = last_good(plan, context);
    if let Some(same) = last_good.as_ref().filter(|last_good| last_good.version == plan.version.value) {
        found.push(same_version(plan, &same.version));
    }
    let errors = Diagnostics::from_iter(found.into_iter().filter(Diagnostic::is_error)).sorted();
    let Some(production) = service.production().filter(|_| errors.is_empty()) else { return Err(errors) };
    let way_back = way_back::compile(plan, production);
    let stages = stages::compile(&plan.stages.value);
    let signals = signals::compile(service, plan);
    let evidence = evidence::compile((service, plan), &stages, &signals, production.metrics.interval);
    Ok(Blueprint {
        format: FORMAT,
        ripcord: context.ripcord_version.clone(),
        service: service.service.value.clone(),
        release: plan.release.value.clone(),
        candidate: candidate(plan),
        last_good,
        owner: plan.owner.value.clone(),
        on_call: plan.on_call.as_ref().map(|person| person.value.clone()),
        approvers: approvers(plan),
        critical_path: plan.critical_path.is_some_and(|critical| critical.value),
        false_rollback: false_rollback(plan).fraction(),
        staging: service.staging().map(|staging| service.calendar.onto(staging)),
        production: service.calendar.onto(production),
        stages,
        signals,
        evidence,
        changes: plan.changes.iter().map(|change| compile_change(change, plan)).collect(),
        way_back,
        blind: blind(plan),
        outside_after: plan.comms.outside_after.map_or(defaults::OUTSIDE_AFTER, |after| after.value),
        comms: comms::compile(service, plan, &context.templates),
        checks: service.gate.outside.clone(),
        paperwork: paperwork::compile(service, plan),
        runbook: plan.runbook.as_ref().map(|path| path.value.clone()),
        hotfix: plan.hotfix.as_ref().map(|hotfix| hotfix.value.clone()),
        rehearsal: None,
        sources: context.sources.clone(),
    })
}

fn candidate(plan: &PlanFile) -> Artifact {
    let artifact = plan.artifact.as_ref().map(|artifact| artifact.value.clone());
    Artifact { version: plan.version.value.clone(), artifact, digest: None }
}

fn last_good(plan: &PlanFile, context: &CompileContext) -> Option<Artifact> {
    let Some(written) = &plan.last_good else { return context.last_good.clone() };
    // What Ripcord saw of the same version knows more than a name does.
    let seen = context.last_good.as_ref().filter(|seen| seen.version == written.version);
    let artifact = written.artifact.clone().or_else(|| seen.and_then(|seen| seen.artifact.clone()));
    let digest = seen.filter(|seen| seen.artifact == artifact).and_then(|seen| seen.digest.clone());
    Some(Artifact { version: written.version.clone(), artifact, digest })
}

fn same_version(plan: &PlanFile, version: &VersionName) -> Diagnostic {
    let message = format!("{version} goes out and is what runs now: the way back would lead nowhere");
    Diagnostic::error(Code::SAME_VERSION, &plan.path, plan.version.place, message)
        .expected("a version that does not run yet")
        .help("a new artifact needs a new version, even when little has changed")
}

/// Who may approve: as the plan says, otherwise those who answer for the steps that need it.
pub(crate) fn approvers(plan: &PlanFile) -> Vec<Person> {
    if !plan.approvers.is_empty() {
        return unique(plan.approvers.iter().map(|approver| &approver.value));
    }
    let deep =
        plan.changes.iter().filter(|change| change.level().is_some_and(|level| level.needs_approval()));
    unique(deep.filter_map(|change| change.back.as_ref()?.owner.as_ref()).map(|owner| &owner.value))
}

fn unique<'p>(people: impl Iterator<Item = &'p Person>) -> Vec<Person> {
    let mut all: Vec<Person> = Vec::new();
    for person in people {
        if !all.contains(person) {
            all.push(person.clone());
        }
    }
    all
}

fn compile_change(change: &ChangeEntry, plan: &PlanFile) -> Change {
    let back = change.back.as_ref();
    let level = change.level().map(|level| level.value);
    let owner = back.and_then(|back| back.owner.as_ref()).unwrap_or(&plan.owner);
    let summary = change.summary.as_ref().unwrap_or(&change.id);
    Change {
        id: change.id.value.clone(),
        class: change.class.value,
        summary: summary.value.clone(),
        reversibility: change.reversibility(),
        level,
        flag: back.and_then(|back| back.flag.as_ref()).map(|flag| flag.value.clone()),
        budget: level.map(|level| defaults::budget(change, level)),
        owner: owner.value.clone(),
        trigger_by: back
            .map(|back| back.trigger_by.iter().map(|role| role.value.clone()).collect())
            .unwrap_or_default(),
        contain: change.contain.as_ref().map(|contain| contain.value.clone()),
        signals: back
            .map(|back| back.signals.iter().map(|signal| signal.value.clone()).collect())
            .unwrap_or_default(),
        accepted_risk: change.accepted_risk.as_ref().map(|risk| risk.value.clone()),
    }
}
