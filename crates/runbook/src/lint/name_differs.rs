//! One name for a runbook and its file.

use std::path::Path;

use ripcord_model::{ServiceFile, diagnostic::Code, lint::Report};

use crate::Runbook;

pub(super) fn check(runbook: &Runbook, _service: Option<&ServiceFile>, report: &mut Report<'_>) {
    let stem = Path::new(&runbook.path).file_stem().and_then(|stem| stem.to_str());
    let Some(stem) = stem.filter(|stem| *stem != runbook.name.as_str()) else { return };
    let message = format!("the file is `{stem}`, the runbook `{}`", runbook.name.value);
    report.warning(Code::RUNBOOK_NAME_DIFFERS, runbook.name.place, message, "one name for both");
}
