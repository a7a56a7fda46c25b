//! A rehearsal takes a release back for real, so it happens in an environment that is there and is not production.

use ripcord_model::{ServiceFile, diagnostic::Code, lint::Report};

use crate::Runbook;

pub(super) fn check(runbook: &Runbook, service: Option<&ServiceFile>, report: &mut Report<'_>) {
    let Some(rehearse) = &runbook.rehearse else { return };
    let name = &rehearse.environment;
    if name.as_str() == "production" {
        let message = "production is no place to rehearse in";
        report.error(Code::REHEARSED_NOWHERE, name.place, message, "`in: staging`");
        return;
    }
    let Some(service) = service else { return };
    if service.environment(name.as_str()).is_none() {
        let known: Vec<&str> = service
            .environments
            .keys()
            .map(ripcord_model::EnvironmentName::as_str)
            .filter(|known| *known != "production")
            .collect();
        let expected = match known.as_slice() {
            [] => format!("an environment of {} besides production", service.path),
            known => format!("an environment of {}: {}", service.path, known.join(", ")),
        };
        let message = format!("there is no environment `{}`", name.value);
        report.error(Code::REHEARSED_NOWHERE, name.place, message, expected);
    }
}
