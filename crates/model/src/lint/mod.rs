//! Blind spots: what is well written and still leaves a release without eyes, or without a way back.
//!
//! Each check is a file of its own, named for what it looks for, and knows nothing of the others.
//! Invariant: a plan without lint errors compiles, unless its version already runs, which no file says.

mod plan;
mod rule;
mod service;
mod template;

#[cfg(test)]
mod tests;

pub use template::lint_template;

use crate::{
    PlanFile, ServiceFile,
    diagnostic::{Code, Diagnostic, Diagnostics},
    source::{Place, SourceFile},
};

/// A check of `ripcord.yaml` alone.
type ServiceCheck = fn(&ServiceFile, &mut Report<'_>);
/// A check of a plan against `ripcord.yaml`.
type PlanCheck = fn(&ServiceFile, &PlanFile, &mut Report<'_>);

/// Every blind spot of a service and its plans, sorted by file and place.
///
/// Each file comes with the source it was read from, in which the places are.
pub fn lint(service: (&SourceFile, &ServiceFile), plans: &[(&SourceFile, &PlanFile)]) -> Diagnostics {
    debug_assert_eq!(service.0.path, service.1.path, "a file comes with its own source");
    let mut all = lint_service(service.1);
    for (source, plan) in plans {
        debug_assert_eq!(source.path, plan.path, "a plan comes with its own source");
        all.append(lint_plan(service.1, plan));
    }
    all.sorted()
}

/// Every blind spot of `ripcord.yaml` alone.
pub(crate) fn lint_service(service: &ServiceFile) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut report = Report { path: &service.path, found: &mut found };
    for check in service::CHECKS {
        check(service, &mut report);
    }
    found
}

/// Every blind spot of one plan.
pub(crate) fn lint_plan(service: &ServiceFile, plan: &PlanFile) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut report = Report { path: &plan.path, found: &mut found };
    for check in plan::CHECKS {
        check(service, plan, &mut report);
    }
    found
}

/// Where a check puts what it found.
pub struct Report<'a> {
    /// The file it is about.
    pub path: &'a str,
    /// Where the findings go.
    pub found: &'a mut Diagnostics,
}

impl Report<'_> {
    /// A blind spot that blocks, with what was expected.
    pub fn error(
        &mut self,
        code: Code,
        place: Place,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.found.push(Diagnostic::error(code, self.path, place, message).expected(expected));
    }

    /// A blind spot that somebody should look at, with what was expected.
    pub fn warning(
        &mut self,
        code: Code,
        place: Place,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.found.push(Diagnostic::warning(code, self.path, place, message).expected(expected));
    }
}
