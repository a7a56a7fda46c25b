//! Blind spots of a runbook: what is well written and would still let people down at three in the morning.
//!
//! Each check is a file of its own, named for what it looks for, and knows nothing of the others.

mod budget_cannot_be;
mod deep_step_first;
mod destroys_unasked;
mod name_differs;
mod no_steps;
mod plan;
mod rehearsed_nowhere;
mod run_without_verify;
mod steps_over_budget;
mod timeout;
mod unknown_signal;

use ripcord_model::{PlanFile, ServiceFile, diagnostic::Diagnostics, lint::Report};

use crate::Runbook;

pub use plan::Named;

/// A check of a runbook, together with `ripcord.yaml` where there is one.
type Check = fn(&Runbook, Option<&ServiceFile>, &mut Report<'_>);

const CHECKS: [Check; 10] = [
    no_steps::check,
    name_differs::check,
    steps_over_budget::check,
    run_without_verify::check,
    timeout::check,
    budget_cannot_be::check,
    destroys_unasked::check,
    deep_step_first::check,
    unknown_signal::check,
    rehearsed_nowhere::check,
];

/// Every blind spot of a runbook, sorted by place. Signals and environments are looked up only when `ripcord.yaml` is
/// given.
pub fn lint(runbook: &Runbook, service: Option<&ServiceFile>) -> Diagnostics {
    let mut found: Diagnostics = runbook.remarks.iter().cloned().collect();
    let mut report = Report { path: &runbook.path, found: &mut found };
    for check in CHECKS {
        check(runbook, service, &mut report);
    }
    found.sorted()
}

/// Every blind spot between a plan and the runbook it names, sorted by file and place.
pub fn lint_plan(plan: &PlanFile, named: &Named<'_>) -> Diagnostics {
    let mut found = Diagnostics::new();
    plan::check(plan, named, &mut found);
    found.sorted()
}
