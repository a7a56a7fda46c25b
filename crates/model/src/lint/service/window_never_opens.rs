//! A window that never opens lets no release begin.

use super::freeze_never_opens::broken;
use crate::{ServiceFile, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    for environment in service.environments.values() {
        let places = service.places.get(&environment.name).map_or(&[][..], |places| &places.window);
        for (window, place) in environment.window.iter().zip(places) {
            if let Some(why) = broken(window) {
                let message = format!("the window `{}` of {} {why}", window.reason, environment.name);
                let expected = "`from` and `until` that both come round, one after the other";
                report.error(Code::WINDOW_NEVER_OPENS, *place, message, expected);
            }
        }
    }
}
