//! A Slack webhook's URL is a password; a file in a repository is no place for it.

use crate::{ServiceFile, blueprint::NotifyKind, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    for environment in service.environments.values() {
        let places = service.places.get(&environment.name).map_or(&[][..], |places| &places.notify);
        for (notice, place) in environment.notify.iter().zip(places) {
            let plain_slack = notice.kind == NotifyKind::Slack && notice.url.starts_with("https://");
            let password = notice.url.split_once("//").is_some_and(|(_, rest)| {
                rest.split('/').next().is_some_and(|authority| authority.contains('@'))
            });
            if plain_slack || password {
                let message = format!("a notice of {} has a secret in its URL", environment.name);
                report.warning(
                    Code::SECRET_IN_FILE,
                    *place,
                    message,
                    "`env:NAME`, the variable that holds the URL",
                );
            }
        }
    }
}
