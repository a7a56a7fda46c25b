//! Fewer than three steps are no steps.

use crate::{PlanFile, ServiceFile, diagnostic::Code, lint::Report, plan::Stages};

/// The fewest stages a plan may have, the one with everything included.
const LEAST_STAGES: usize = 3;

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let Stages::Listed(stages) = &plan.stages.value else { return };
    if stages.len() < LEAST_STAGES {
        let message = format!("{} stages are too few to see a fault small", stages.len());
        report.error(
            Code::TOO_FEW_STAGES,
            plan.stages.place,
            message,
            "at least three: 1%, 10%, 100% is the shortest list",
        );
    }
}
