//! `ripcord ship NAME` reads `releases/NAME.yaml`; under another name the plan is not found.

use crate::{PlanFile, ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(_service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let file = plan.path.rsplit(['/', '\\']).next().unwrap_or(&plan.path);
    let stem = file.strip_suffix(".yaml").or_else(|| file.strip_suffix(".yml")).unwrap_or(file);
    let named = plan.release.as_str();
    if stem != named {
        let message = format!("the file is called `{file}` and the release `{named}`");
        report.warning(
            Code::FILE_NAME_DIFFERS,
            plan.release.place,
            message,
            format!("releases/{named}.yaml"),
        );
    }
}
