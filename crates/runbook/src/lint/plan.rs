//! Between a plan and the runbook it names.

use ripcord_model::{
    Level, PlanFile,
    diagnostic::{Code, Diagnostic, Diagnostics},
    source::Spanned,
};

use crate::{Runbook, Step, StepKind};

/// What has become of the runbook that a plan names.
#[derive(Debug, Clone, Copy)]
pub enum Named<'r> {
    /// It has been read.
    Read(&'r Runbook),
    /// It is there and has mistakes of its own, which are reported with it.
    Unreadable,
    /// There is no such file below the service's root.
    Missing,
    /// The plan names none.
    None,
}

pub(super) fn check(plan: &PlanFile, named: &Named<'_>, found: &mut Diagnostics) {
    let critical = plan.critical_path.filter(|critical| critical.value);
    match (named, &plan.runbook) {
        (Named::None, _) | (_, None) => {
            if let Some(critical) = critical {
                let message = "the service is lost when this path fails, and no runbook says what to do then";
                let warning =
                    Diagnostic::warning(Code::CRITICAL_WITHOUT_RUNBOOK, &plan.path, critical.place, message);
                found.push(warning.expected("`runbook: runbooks/NAME.md`"));
            }
        }
        (Named::Missing, Some(path)) => {
            let shown: String = path.value.chars().take(120).collect();
            let message = format!("there is no runbook {shown} below the service's root");
            let error = Diagnostic::error(Code::NO_SUCH_RUNBOOK, &plan.path, path.place, message);
            found.push(error.expected("the path of a Markdown file, relative to ripcord.yaml"));
        }
        (Named::Unreadable, Some(_)) => {}
        (Named::Read(runbook), Some(path)) => {
            flags(plan, path, runbook, found);
            changes(plan, runbook, found);
            if critical.is_some() && runbook.access.is_empty() {
                let message =
                    format!("{} is a critical path, and nobody knows which access it needs", plan.path);
                let place = runbook.name.place;
                let warning =
                    Diagnostic::warning(Code::RUNBOOK_WITHOUT_ACCESS, &runbook.path, place, message);
                found.push(warning.expected("`access: [VPN, \"flag service, role operator\"]`"));
            }
        }
    }
}

/// Every flag of the way back is switched off by a step of level flag.
fn flags(plan: &PlanFile, path: &Spanned<String>, runbook: &Runbook, found: &mut Diagnostics) {
    let backs = plan.changes.iter().filter_map(|change| change.back.as_ref());
    let switched = backs.filter(|back| back.level.is_some_and(|level| level.value == Level::Flag));
    for flag in switched.filter_map(|back| back.flag.as_ref()) {
        if runbook.steps.iter().any(|step| switches_off(step, &flag.value)) {
            continue;
        }
        let message = format!("{} has no step of level flag that names `{}`", runbook.path, flag.value);
        let error = Diagnostic::error(Code::RUNBOOK_WITHOUT_FLAG, &plan.path, path.place, message);
        found.push(error.expected(format!("a `flag` fence with `{} off`", flag.value)));
    }
}

fn switches_off(step: &Step, key: &str) -> bool {
    match &step.kind {
        StepKind::Flag { flag, on } => flag.value == key && !on,
        StepKind::Run(command) => step.level() == Some(Level::Flag) && command.script.contains(key),
        StepKind::Manual { .. }
        | StepKind::Check(_)
        | StepKind::Traffic
        | StepKind::Deploy
        | StepKind::Migrate { .. }
        | StepKind::Restore { .. }
        | StepKind::Template(_) => false,
    }
}

/// What is undone or restored is a change of the plan that goes back at that level.
fn changes(plan: &PlanFile, runbook: &Runbook, found: &mut Diagnostics) {
    for step in &runbook.steps {
        let (change, level) = match &step.kind {
            StepKind::Migrate { change } => (change, Level::Migration),
            StepKind::Restore { change } => (change, Level::Data),
            StepKind::Run(_)
            | StepKind::Manual { .. }
            | StepKind::Check(_)
            | StepKind::Flag { .. }
            | StepKind::Traffic
            | StepKind::Deploy
            | StepKind::Template(_) => continue,
        };
        let at_level: Vec<&str> = plan
            .changes
            .iter()
            .filter(|change| change.level().is_some_and(|written| written.value == level))
            .map(|change| change.id.value.as_str())
            .collect();
        if at_level.contains(&change.value.as_str()) {
            continue;
        }
        let message = format!("{} has no change `{}` of level {level}", plan.path, change.value);
        let expected = match at_level.as_slice() {
            [] => format!("a change of level {level} in the plan"),
            known => format!("one of: {}", known.join(", ")),
        };
        let error = Diagnostic::error(Code::UNKNOWN_CHANGE, &runbook.path, change.place, message);
        found.push(error.expected(expected));
    }
}
